import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as cloudWatch from "./cloudWatch";

const group = (props: Record<string, unknown>): Fixture => resource(aws.cloudwatch.LogGroup, props);

const alarm = (props: Record<string, unknown>): Fixture => resource(aws.cloudwatch.MetricAlarm, props);

testControls(cloudWatch, {
  alarmActions: {
    kept: { "a topic": [alarm({ alarmActions: ["arn:aws:sns:eu-central-1:1:alarms"] })] },
    broken: {
      "no action": { resources: [alarm({})], problem: "Nobody hears of the alarm." },
      "an empty list": { resources: [alarm({ alarmActions: [] })], problem: "Nobody hears of the alarm." },
    },
  },
  alarmActionsEnabled: {
    kept: { "actions as by default": [alarm({})], "actions that are turned on": [alarm({ actionsEnabled: true })] },
    broken: {
      "actions that are turned off": {
        resources: [alarm({ actionsEnabled: false })],
        problem: "The alarm's actions are turned off.",
      },
    },
  },
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
