import * as aws from "@pulumi/aws";
import { onEach, onEachInStack, type ResourceControl, type StackControl } from "./control";

export const encryption: ResourceControl = {
  id: "SQS.1",
  description: "A queue is encrypted.",
  remediation: "Set sqsManagedSseEnabled, or kmsMasterKeyId.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-1",
  checks: [
    onEach(aws.sqs.Queue, (queue, report) => {
      if (queue.sqsManagedSseEnabled !== true && !("kmsMasterKeyId" in queue)) report("Messages are not encrypted.");
    }),
  ],
};

export const deadLetters: StackControl = {
  id: "SQS.DeadLetters",
  description: "A queue has a dead-letter queue, or is one.",
  remediation: "Give it a redrivePolicy with the ARN of a queue of the stack.",
  url: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
  checkStack: onEachInStack(aws.sqs.Queue, (queue, report, stack) => {
    const has = stack.referredTo(queue, "redrivePolicy", aws.sqs.Queue).length > 0;
    const isOne = stack.referring(aws.sqs.Queue, "redrivePolicy", queue).length > 0;
    if (!has && !isOne) report("Messages that cannot be handled are lost.");
  }),
};
