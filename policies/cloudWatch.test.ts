import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as cloudWatch from "./cloudWatch";

const group = (props: Record<string, unknown>): Fixture => resource(aws.cloudwatch.LogGroup, props);

testControls(cloudWatch, {
  logRetention: {
    kept: { "a day": [group({ retentionInDays: 1 })] },
    broken: {
      forever: { resources: [group({ retentionInDays: 0 })], problem: "Logs are kept, and paid for, forever." },
      "as long as by default": { resources: [group({})], problem: "Logs are kept, and paid for, forever." },
    },
  },
  encryption: {
    kept: { "a key of KMS": [group({ kmsKeyId: "arn:aws:kms:eu-central-1:1:key/k" })] },
    broken: {
      "encryption as by default": {
        resources: [group({})],
        problem: "Logs are encrypted with a key of CloudWatch's own.",
      },
    },
  },
});
