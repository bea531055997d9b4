import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { alarmRules, apiErrorAlarm, errorAlarm } from "./internal/alarmRules";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import type { Watched } from "./internal/watched";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link Alarms}. */
export interface AlarmsArgs {
  /** What is watched. */
  readonly watched: Watched;
  /** ARN of the topic that is told when an alarm fires, and when all is well again. */
  readonly topicArn: pulumi.Input<string>;
}

const rules = z.object({
  name: limits.shortName,
  watched: z.object({
    functions: z.record(limits.shortName, z.object({ timeoutSeconds: limits.timeoutSeconds })),
    database: z.object({
      instanceClass: limits.databaseInstanceClass,
      storageGigabytes: limits.databaseStorageGigabytes,
    }),
  }),
});

/**
 * The alarms of a system: for each function errors, faults, throttles and runs near their timeout, for each queue old messages
 * and dead letters, for the API server errors and latency, for the database connections and disk. Each says what it means to a
 * student, and which section of docs/runbook.md says what to do.
 *
 * What sends no metric, such as a function that nobody calls, is well. Meets Security Hub CloudWatch.15
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15).
 *
 * @example
 * const alarms = new Alarms("alarms", {
 *   watched: {
 *     functions: { api: { functionName: "student-helper-dev-api", timeoutSeconds: 15, countsFaults: true } },
 *     api: httpApi,
 *     database,
 *   },
 *   topicArn: topic.arn,
 * });
 */
export class Alarms extends pulumi.ComponentResource {
  /** The alarms' ARNs. */
  readonly arns: pulumi.Output<string[]>;

  /**
   * The names in CloudWatch of the alarms that speak against a new version of a function; they may be made later. That of
   * its faults is none of them: a canary counts those of the new version alone.
   *
   * @param answersApi whether requests to the API lead to it
   */
  static againstVersionsOf(functionName: string, answersApi: boolean): readonly string[] {
    return [errorAlarm(functionName), ...(answersApi ? [apiErrorAlarm] : [])].map(physicalName);
  }

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, { watched, topicArn }: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:monitoring:Alarms", name, {}, opts);
    checkArguments(this, name, rules, { name, watched });

    const alarms = alarmRules(watched).map(
      ({ name: alarm, means, when }) =>
        new aws.cloudwatch.MetricAlarm(
          alarm,
          {
            name: physicalName(alarm),
            alarmDescription: `${means.sentence} Runbook: docs/runbook.md#${means.section}`,
            ...when,
            treatMissingData: "notBreaching",
            alarmActions: [topicArn],
            okActions: [topicArn],
          },
          { parent: this },
        ),
    );

    this.arns = pulumi.all(alarms.map(({ arn }) => arn));
    this.registerOutputs({ arns: this.arns });
  }
}
