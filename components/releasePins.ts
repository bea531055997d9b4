import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { pinsParameterIn } from "./internal/naming";
import { parsePins, type Pins } from "./internal/pins";
import { checkArguments } from "./internal/validation";

const rules = z.object({ name: shortName });

/**
 * The versions that a rollback has pinned: a parameter of the stack, `releases/pinned_versions`, a JSON object of function
 * name to Lambda version. `npm run rollback` writes it, beside Pulumi; each update reads it, and keeps `live` of a pinned
 * function where it is.
 *
 * @example
 * const pins = new ReleasePins("releases");
 * new ContainerFunction("api", { pinnedVersion: pins.pinnedVersion("api"), ... });
 */
export class ReleasePins extends pulumi.ComponentResource {
  readonly #pins: pulumi.Output<Pins>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:function:ReleasePins", name, {}, opts);
    checkArguments(this, name, rules, { name });

    const parameterName = pinsParameterIn(pulumi.getProject(), pulumi.getStack());
    new aws.ssm.Parameter(
      name,
      { name: parameterName, type: "String", value: "{}" },
      // Rollbacks change it between updates, which is not to be undone.
      { parent: this, ignoreChanges: ["value"] },
    );
    this.#pins = pinsOf(pulumi.getStack(), { parent: this }).apply((pins) => pins ?? {});
    this.registerOutputs();
  }

  /**
   * The version that a rollback has pinned, of which the update warns.
   *
   * @param functionName name in the registry, for example `api`
   */
  pinnedVersion(functionName: string): pulumi.Output<string | undefined> {
    return this.#pins.apply((pins) => {
      const version = pins[functionName];
      if (version !== undefined) void pulumi.log.warn(warning(functionName, version), this);
      return version;
    });
  }
}

/**
 * The versions that rollbacks have pinned in a stack of this project, account and region, as they are now: its outputs know
 * those of its last update.
 *
 * @param stack for example `staging`
 * @returns undefined where the stack has no such parameter (yet)
 */
export function pinsOf(stack: string, opts?: pulumi.InvokeOutputOptions): pulumi.Output<Pins | undefined> {
  const parameterName = pinsParameterIn(pulumi.getProject(), stack);
  // Asked for by its folder, since it does not exist yet when a stack is new.
  const found = aws.ssm.getParametersByPathOutput(
    { path: path.posix.dirname(parameterName), withDecryption: false },
    opts,
  );
  // The provider takes every parameter's value for a secret.
  return pulumi.unsecret(pulumi.all([found.names, found.values])).apply(([names, values]) => {
    const text = values[names.indexOf(parameterName)];
    return text === undefined ? undefined : parsePins(parameterName, text);
  });
}

function warning(functionName: string, version: string): string {
  const lift = `npm run rollback -- --stack ${pulumi.getStack()} --function ${functionName} --to latest`;
  return (
    `${functionName} is pinned to version ${version} since a rollback: new versions are published, but live stays. ` +
    `"${lift}" lifts the pin.`
  );
}
