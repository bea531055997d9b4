import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { emailAddresses, shortName } from "./internal/limits";
import { alarmArnPattern, physicalName } from "./internal/naming";
import { policyDocument, tlsOnlyStatement } from "./internal/statements";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link AlarmTopic}. */
export interface AlarmTopicArgs {
  /** Addresses that are told; each gets a message first in which it agrees. */
  readonly emails: readonly string[];
  /** Whether requests without TLS are refused; only an emulator that speaks plain HTTP cannot have that. */
  readonly tlsOnly: boolean;
}

const rules = z.object({ name: shortName, emails: emailAddresses("a list of e-mail addresses") });

/**
 * Where this stack's alarms tell what they have to say, and who hears it.
 *
 * It is not encrypted with SNS's own key (`alias/aws/sns`): CloudWatch may not use that key, and its alarms would be lost
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html). A key of one's own is
 * paid for, and an alarm holds names and numbers only.
 *
 * @example
 * const topic = new AlarmTopic("alarms", { emails: ["operations@example.org"], tlsOnly: true });
 */
export class AlarmTopic extends pulumi.ComponentResource {
  /** The topic's ARN. */
  readonly arn: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:monitoring:AlarmTopic", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };

    const topic = new aws.sns.Topic(name, { name: physicalName(name) }, parent);
    new aws.sns.TopicPolicy(name, { arn: topic.arn, policy: topicPolicy(topic.arn, args.tlsOnly) }, parent);
    for (const email of args.emails) {
      new aws.sns.TopicSubscription(
        `${name}-${email}`,
        { topic: topic.arn, protocol: "email", endpoint: email },
        parent,
      );
    }

    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** Lets CloudWatch publish for this stack's alarms alone. */
function topicPolicy(topicArn: pulumi.Output<string>, tlsOnly: boolean): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "AlarmsPublish",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: { ArnLike: { "aws:SourceArn": topicArn.apply(alarmArnPattern) } },
    },
    // Not sns:*, which SNS refuses in a topic's policy:
    // https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html#enforce-encryption-data-in-transit
    ...(tlsOnly ? [tlsOnlyStatement("sns:Publish", [topicArn])] : []),
  ]);
}
