import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { dashboardBody } from "./internal/dashboardBody";
import * as limits from "./internal/limits";
import { physicalName, stackName } from "./internal/naming";
import { checkArguments } from "./internal/validation";
import type { Watched } from "./internal/watched";

/** Arguments of {@link Dashboard}. */
export interface DashboardArgs {
  /** What is watched. */
  readonly watched: Watched;
  /** ARNs of the alarms whose state is shown. */
  readonly alarmArns: pulumi.Input<readonly string[]>;
  /** Region of all that is watched. */
  readonly region: string;
  /**
   * Address of the AWS console, such as `https://eu-central-1.console.aws.amazon.com`.
   *
   * @default none, as on an emulator of AWS
   */
  readonly consoleUrl?: string;
}

const rules = z.object({ name: limits.shortName });

/**
 * The stack's dashboard in CloudWatch, called after the stack: alarms, what students wait for, the API, the database, and a
 * row for each function, with its queue.
 *
 * @example
 * const dashboard = new Dashboard("dashboard", {
 *   watched,
 *   alarmArns: alarms.arns,
 *   region: "eu-central-1",
 *   consoleUrl: "https://eu-central-1.console.aws.amazon.com",
 * });
 */
export class Dashboard extends pulumi.ComponentResource {
  /** Where it is looked at; unset without a console. */
  readonly url: pulumi.Output<string> | undefined;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:monitoring:Dashboard", name, {}, opts);
    checkArguments(this, name, rules, { name });
    const { watched, alarmArns, region, consoleUrl } = args;

    const functions = Object.entries(watched.functions).map(([functionKey, watchedFunction]) => ({
      name: functionKey,
      functionName: watchedFunction.functionName,
      timeoutSeconds: watchedFunction.timeoutSeconds,
      countsFaults: watchedFunction.countsFaults ?? false,
      queue: watchedFunction.queue && {
        queueName: watchedFunction.queue.queueName,
        deadLetterQueueName: watchedFunction.queue.deadLetterQueueName,
      },
    }));
    const { identifier, instanceClass, storageGigabytes } = watched.database;
    const shown = pulumi.output({
      region,
      namespace: stackName(),
      alarmArns,
      functions,
      api: { apiId: watched.api.apiId },
      database: { identifier, instanceClass, storageGigabytes },
    });
    const dashboard = new aws.cloudwatch.Dashboard(
      name,
      { dashboardName: physicalName(name), dashboardBody: shown.apply(dashboardBody) },
      { parent: this },
    );

    this.url =
      consoleUrl === undefined
        ? undefined
        : pulumi.interpolate`${consoleUrl}/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`;
    this.registerOutputs({ url: this.url });
  }
}
