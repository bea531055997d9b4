import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { accountOf, boundaryArn, physicalName } from "./internal/naming";
import { policyDocument } from "./internal/statements";
import { checkArguments, textLike } from "./internal/validation";

/** Arguments of {@link Schedule}. */
export interface ScheduleArgs {
  /** When: `rate(1 hour)` or `cron(0 4 * * ? *)`, in UTC. */
  readonly expression: string;
  /** ARN of the function's alias that is invoked. */
  readonly aliasArn: pulumi.Input<string>;
  /**
   * Name of the policy that bounds what the role may do, as its permissions boundary.
   *
   * @default none
   */
  readonly permissionsBoundary?: string;
}

const rules = z.object({
  name: shortName,
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
  expression: textLike(/^(rate|cron)\(.+\)$/, "rate(...) or cron(...), such as rate(1 hour)"),
});

/**
 * Invokes a function again and again, with a role that can do nothing else.
 *
 * @example
 * new Schedule("cleanup", { expression: "rate(1 hour)", aliasArn: cleanup.aliasArn });
 */
export class Schedule extends pulumi.ComponentResource {
  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:events:Schedule", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const aliasArn = pulumi.output(args.aliasArn);

    const role = new aws.iam.Role(
      `${name}-schedule`,
      {
        name: physicalName(`${name}-schedule`),
        description: `Invokes ${physicalName(name)}`,
        assumeRolePolicy: schedulerMayAssume(aliasArn),
        permissionsBoundary: boundaryArn(aliasArn, args.permissionsBoundary),
      },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-schedule`,
      { name: "invoke", role: role.name, policy: mayInvoke(aliasArn) },
      parent,
    );
    new aws.scheduler.Schedule(
      name,
      {
        name: physicalName(name),
        scheduleExpression: args.expression,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: aliasArn,
          roleArn: role.arn,
          retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 15 * 60 },
        },
      },
      { ...parent, dependsOn: policy },
    );

    this.registerOutputs({});
  }
}

/** Only for schedules of this account (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html). */
function schedulerMayAssume(aliasArn: pulumi.Output<string>): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "SchedulerAssumes",
      Effect: "Allow",
      Principal: { Service: "scheduler.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": aliasArn.apply(accountOf) } },
    },
  ]);
}

function mayInvoke(aliasArn: pulumi.Output<string>): pulumi.Output<string> {
  return policyDocument([
    { Sid: "InvokeFunction", Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: aliasArn },
  ]);
}
