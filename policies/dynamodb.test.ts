import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as dynamodb from "./dynamodb";

const table = (props: Record<string, unknown>): Fixture => resource(aws.dynamodb.Table, props);

testControls(dynamodb, {
  pointInTimeRecovery: {
    kept: { "recovery that is on": [table({ pointInTimeRecovery: { enabled: true } })] },
    broken: {
      "recovery as by default": { resources: [table({})], problem: "What is lost from the table is lost." },
    },
  },
  deletionProtection: {
    kept: { protection: [table({ deletionProtectionEnabled: true })] },
    broken: {
      "no protection": {
        resources: [table({ deletionProtectionEnabled: false })],
        problem: "The table can be deleted with what it holds.",
      },
    },
  },
  encryption: {
    kept: { "a key of KMS": [table({ serverSideEncryption: { enabled: true } })] },
    broken: {
      "encryption as by default": {
        resources: [table({})],
        problem: "The table is encrypted with a key of DynamoDB's own.",
      },
    },
  },
});
