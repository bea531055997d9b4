import * as aws from "@pulumi/aws";
import { type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as sqs from "./sqs";

const queue = (props: Record<string, unknown>): Fixture => resource(aws.sqs.Queue, props);
const deadLetters = resource(aws.sqs.Queue, {}, { name: "dead-letters" });

testControls(sqs, {
  encryption: {
    kept: {
      "a key of SQS": [queue({ sqsManagedSseEnabled: true })],
      "a key of KMS": [queue({ kmsMasterKeyId: "alias/aws/sqs" })],
    },
    broken: {
      "no key": { resources: [queue({ sqsManagedSseEnabled: false })], problem: "Messages are not encrypted." },
    },
  },
  deadLetters: {
    kept: {
      "a queue and its dead-letter queue": [
        deadLetters,
        { ...queue({}), references: { redrivePolicy: [key(deadLetters)] } },
      ],
    },
    broken: {
      "a queue without": { resources: [queue({})], problem: "Messages that cannot be handled are lost." },
    },
  },
});
