import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import * as limits from "./internal/limits";
import { checkArguments } from "./internal/validation";

/** How a new version proves itself before it serves. */
export interface CanarySettings {
  /** The function that shifts the traffic and watches; see `images/canary`. */
  readonly function: { readonly functionName: pulumi.Input<string>; readonly aliasName: pulumi.Input<string> };
  /** The new version's share of the traffic meanwhile, 1 to 50. */
  readonly percent: number;
  /**
   * How long it is watched, in minutes, 1 to 14: the function that watches runs for 15 at most. An alarm that needs longer
   * than this says nothing.
   */
  readonly minutes: number;
  /** Names of the CloudWatch alarms that speak against the new version; those that do not exist say nothing. */
  readonly alarmNames: readonly string[];
}

/** Arguments of {@link Canary}. */
export interface CanaryArgs extends CanarySettings {
  /** What is updated: the function's name in Lambda, the alias that everything invokes, and what it is to point to. */
  readonly target: {
    readonly functionName: pulumi.Input<string>;
    readonly aliasName: string;
    readonly version: pulumi.Input<string>;
  };
  /** What must have happened before new code gets traffic. */
  readonly dependsOn: readonly pulumi.Resource[];
}

const rules = z.object({
  name: limits.shortName,
  percent: limits.canaryPercent,
  minutes: limits.canaryMinutes,
});

/**
 * Sends a share of a function's traffic to its new version, in the middle of an update, and watches it: by the errors and
 * the faults (`student_helper.metrics`) of that version, and by alarms. Afterwards, or when `pulumi up` is killed, the share
 * comes back by itself. A version that fails, fails the update; the alias, which depends on this, stays where it is.
 *
 * A function without an alias yet, and one whose alias points to the version already, are left alone.
 *
 * @example
 * const canary = new Canary("api", {
 *   function: { functionName: "student-helper-dev-canary", aliasName: "live" },
 *   percent: 10,
 *   minutes: 5,
 *   alarmNames: ["student-helper-dev-api-errors"],
 *   target: { functionName: lambda.name, aliasName: "live", version: lambda.version },
 *   dependsOn: [migration],
 * });
 */
export class Canary extends pulumi.ComponentResource {
  /** What came of it, as JSON. */
  readonly result: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: CanaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:function:Canary", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });

    const invocation = new aws.lambda.Invocation(
      name,
      {
        functionName: args.function.functionName,
        // Not a version, of which each would be another invocation.
        qualifier: args.function.aliasName,
        // Another version is another input, and another input is another invocation.
        input: pulumi.jsonStringify({
          function_name: args.target.functionName,
          alias: args.target.aliasName,
          version: args.target.version,
          percent: args.percent,
          minutes: args.minutes,
          alarms: args.alarmNames,
        }),
        lifecycleScope: "CREATE_ONLY", // Taking the stack down shifts nothing.
      },
      { parent: this, dependsOn: [...args.dependsOn] },
    );

    this.result = invocation.result;
    this.registerOutputs({ result: this.result });
  }
}
