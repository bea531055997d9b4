import * as aws from "@pulumi/aws";
import { onEach, type ResourceControl } from "./control";

export const alarmActions: ResourceControl = {
  id: "CloudWatch.15",
  description: "An alarm tells somebody when it fires.",
  remediation: "Set alarmActions to the ARN of a topic.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
  checks: [
    onEach(aws.cloudwatch.MetricAlarm, ({ alarmActions: actions = [] }, report) => {
      if (actions.length === 0) report("Nobody hears of the alarm.");
    }),
  ],
};

export const alarmActionsEnabled: ResourceControl = {
  id: "CloudWatch.17",
  description: "What an alarm does when it fires is not turned off.",
  remediation: "Set actionsEnabled to true, or leave it out.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-17",
  checks: [
    onEach(aws.cloudwatch.MetricAlarm, ({ actionsEnabled }, report) => {
      if (actionsEnabled === false) report("The alarm's actions are turned off.");
    }),
  ],
};

export const logRetention: ResourceControl = {
  id: "CloudWatch.16",
  // Security Hub wants a year by default; how long is a stack's own decision here, and prod's is a year.
  description: "Logs are kept for a time that is set.",
  remediation: "Set retentionInDays.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-16",
  checks: [
    onEach(aws.cloudwatch.LogGroup, ({ retentionInDays = 0 }, report) => {
      if (retentionInDays === 0) report("Logs are kept, and paid for, forever.");
    }),
  ],
};

export const encryption: ResourceControl = {
  id: "CloudWatch.Encryption",
  description: "Logs are encrypted with a key of KMS, whose use is logged.",
  remediation: "Set kmsKeyId.",
  url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
  checks: [
    onEach(aws.cloudwatch.LogGroup, (group, report) => {
      if (!("kmsKeyId" in group)) report("Logs are encrypted with a key of CloudWatch's own.");
    }),
  ],
};
