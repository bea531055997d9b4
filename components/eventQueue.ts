import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName, timeoutSeconds } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { policyDocument, tlsOnlyStatement } from "./internal/statements";
import { checkArguments } from "./internal/validation";

/** Which events, and where they come from. */
export interface EventSource {
  /** Name of the event bus. */
  readonly busName: pulumi.Input<string>;
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
  readonly pattern: pulumi.Input<object>;
}

/** Arguments of {@link EventQueue}. */
export interface EventQueueArgs {
  /** The events that are put into the queue. */
  readonly source: EventSource;
  /** Longest run in seconds, 1 to 900, of the function that consumes the queue. */
  readonly consumerTimeoutSeconds: number;
  /** Whether requests without TLS are refused; only an emulator that speaks plain HTTP cannot have that. */
  readonly tlsOnly: boolean;
}

const rules = z.object({ name: shortName, consumerTimeoutSeconds: timeoutSeconds });

const dayInSeconds = 24 * 60 * 60;

/**
 * A queue that events are put into, for one function to consume. What cannot be delivered into it, and what the function
 * cannot handle, waits in its dead-letter queue.
 *
 * @example
 * const queue = new EventQueue("analyzer", {
 *   source: pipeline.events(["ImageProcessed", "DocumentProcessed"]),
 *   consumerTimeoutSeconds: 120,
 *   tlsOnly: true,
 * });
 * new ContainerFunction("analyzer", { consumes: { queue, maximumConcurrency: 5 }, ... });
 */
export class EventQueue extends pulumi.ComponentResource {
  /** After so many attempts a message goes to the dead-letter queue. */
  static readonly maxReceives = 4;

  /** The queue's name. */
  readonly queueName: pulumi.Output<string>;
  /** The queue's URL. */
  readonly queueUrl: pulumi.Output<string>;
  /** The queue's ARN. */
  readonly queueArn: pulumi.Output<string>;
  /** The dead-letter queue's name. */
  readonly deadLetterQueueName: pulumi.Output<string>;
  /** The dead-letter queue's URL. */
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  /** The dead-letter queue's ARN. */
  readonly deadLetterQueueArn: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: EventQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:events:EventQueue", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const encrypted = { sqsManagedSseEnabled: true };

    const deadLetters = new aws.sqs.Queue(
      `${name}-dead-letter`,
      {
        name: physicalName(`${name}-dead-letter`),
        messageRetentionSeconds: 14 * dayInSeconds, // SQS's longest: nobody loses an event over a holiday.
        ...encrypted,
      },
      parent,
    );
    const queue = new aws.sqs.Queue(
      name,
      {
        name: physicalName(name),
        // Lambda needs six times the function's timeout to try again when it was throttled:
        // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        visibilityTimeoutSeconds: 6 * args.consumerTimeoutSeconds,
        redrivePolicy: pulumi.jsonStringify({
          deadLetterTargetArn: deadLetters.arn,
          maxReceiveCount: EventQueue.maxReceives,
        }),
        ...encrypted,
      },
      parent,
    );
    new aws.sqs.RedriveAllowPolicy(
      name,
      {
        queueUrl: deadLetters.url,
        redriveAllowPolicy: pulumi.jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
      },
      parent,
    );

    const rule = new aws.cloudwatch.EventRule(
      name,
      {
        name: physicalName(name),
        description: `What ${physicalName(name)} consumes`,
        eventBusName: args.source.busName,
        eventPattern: pulumi.jsonStringify(args.source.pattern),
      },
      parent,
    );
    const policies = [
      { policyName: name, target: queue },
      { policyName: `${name}-dead-letter`, target: deadLetters },
    ].map(
      ({ policyName, target }) =>
        new aws.sqs.QueuePolicy(
          policyName,
          { queueUrl: target.url, policy: queuePolicy(target.arn, rule.arn, args.tlsOnly) },
          parent,
        ),
    );
    new aws.cloudwatch.EventTarget(
      name,
      {
        eventBusName: args.source.busName,
        rule: rule.name,
        targetId: "queue",
        arn: queue.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        // As often as EventBridge can, but not for its whole day: after an hour somebody should know.
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 60 * 60 },
      },
      // An event that came before would be refused.
      { ...parent, dependsOn: policies },
    );

    this.queueName = queue.name;
    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.deadLetterQueueName = deadLetters.name;
    this.deadLetterQueueUrl = deadLetters.url;
    this.deadLetterQueueArn = deadLetters.arn;
    this.registerOutputs({ queueUrl: this.queueUrl, deadLetterQueueUrl: this.deadLetterQueueUrl });
  }
}

/** Lets EventBridge send for this one rule (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html). */
function queuePolicy(
  queueArn: pulumi.Output<string>,
  ruleArn: pulumi.Output<string>,
  tlsOnly: boolean,
): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "RuleSends",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn,
      Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
    },
    ...(tlsOnly ? [tlsOnlyStatement("sqs:*", [queueArn])] : []),
  ]);
}
