import * as aws from "@pulumi/aws";
import {
  type Found,
  onEach,
  onEachInStack,
  type Properties,
  type ResourceControl,
  type StackControl,
  type Stack,
} from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html";

export const noPublicPermission: ResourceControl = {
  id: "Lambda.1",
  description: "Nobody but named callers may invoke a function.",
  remediation: "Name a principal, and for a service the sourceArn or sourceAccount on whose behalf it calls.",
  url: `${url}#lambda-1`,
  checks: [
    onEach(aws.lambda.Permission, (permission, report) => {
      if (permission.principal === "*") report("Everyone may invoke the function.");
      // Asked for without being read: an ARN is not known in a first preview.
      else if (
        permission.principal.endsWith(".amazonaws.com") &&
        !("sourceArn" in permission || "sourceAccount" in permission)
      )
        report(`${permission.principal} may invoke the function on behalf of any account.`);
    }),
  ],
};

export const supportedRuntime: ResourceControl = {
  id: "Lambda.2",
  description: "Functions run container images, whose runtime no date of Lambda's ends.",
  remediation: 'Set packageType to "Image".',
  url: `${url}#lambda-2`,
  checks: [
    onEach(aws.lambda.Function, ({ packageType }, report) => {
      if (packageType !== "Image") report("The function is no container image.");
    }),
  ],
};

export const severalSubnets: ResourceControl = {
  id: "Lambda.5",
  // In which zone a subnet is, its id does not say: the network's subnets are one for each zone.
  description: "A function in a VPC is connected to more than one availability zone.",
  remediation: "Give it subnets of at least two availability zones.",
  url: `${url}#lambda-5`,
  checks: [
    onEach(aws.lambda.Function, ({ vpcConfig }, report) => {
      if (vpcConfig !== undefined && new Set(vpcConfig.subnetIds).size < 2) {
        report("The function is connected to fewer than two subnets.");
      }
    }),
  ],
};

export const tracing: ResourceControl = {
  id: "Lambda.7",
  description: "X-Ray traces the calls of a function.",
  remediation: 'Set tracingConfig.mode to "Active".',
  url: `${url}#lambda-7`,
  checks: [
    onEach(aws.lambda.Function, ({ tracingConfig }, report) => {
      if (tracingConfig?.mode !== "Active") report("Calls of the function are not traced.");
    }),
  ],
};

export const ownLogGroup: StackControl = {
  id: "Lambda.LogRetention",
  description: "A function writes to a log group of the stack, as the one that Lambda makes keeps logs forever.",
  remediation: "Make a log group with retentionInDays and name it in loggingConfig.logGroup.",
  url: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
  checkStack: onEachInStack(aws.lambda.Function, (lambda, report, stack) => {
    if (stack.referredTo(lambda, "loggingConfig", aws.cloudwatch.LogGroup).length === 0) {
      report("The function has no log group of the stack.");
    }
  }),
};

export const deadLetters: StackControl = {
  id: "Lambda.DeadLetters",
  description: "A queue that wakes a function has a dead-letter queue.",
  remediation: "Give the queue a redrivePolicy with the ARN of a queue of the stack.",
  url: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
  checkStack: onEachInStack(aws.lambda.EventSourceMapping, (mapping, report, stack) => {
    for (const queue of stack.referredTo(mapping, "eventSourceArn", aws.sqs.Queue)) {
      if (stack.referredTo(queue, "redrivePolicy", aws.sqs.Queue).length === 0) {
        report(`Messages of "${queue.resource.name}" that cannot be handled are lost.`);
      }
    }
  }),
};

export const boundedConcurrency: StackControl = {
  id: "Lambda.Concurrency",
  description: "How many of a function run at a time is bounded, by itself or by the mappings that wake it.",
  remediation: "Set reservedConcurrentExecutions, or scalingConfig.maximumConcurrency of each of its mappings.",
  url: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
  checkStack: onEachInStack(aws.lambda.Function, (lambda, report, stack) => {
    const mappings = mappingsOf(lambda, stack);
    const isBounded = mappings.length > 0 && mappings.every(({ props }) => props.scalingConfig?.maximumConcurrency);
    // Lambda reports -1 for "not reserved".
    if ((lambda.props.reservedConcurrentExecutions ?? -1) < 0 && !isBounded) {
      report("The function may use up the account's concurrency.");
    }
  }),
};

/** The mappings that wake a function, directly or through an alias. */
function mappingsOf(
  lambda: Found<Properties<aws.lambda.FunctionArgs>>,
  stack: Stack,
): Found<Properties<aws.lambda.EventSourceMappingArgs>>[] {
  const aliases = stack.referring(aws.lambda.Alias, "functionName", lambda);
  return [lambda, ...aliases].flatMap((target) =>
    stack.referring(aws.lambda.EventSourceMapping, "functionName", target),
  );
}
