import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link Migration}. */
export interface MigrationArgs {
  /** The function that migrates; it fails if it could not. */
  readonly migrate: {
    readonly functionName: pulumi.Input<string>;
    /** The version that was published last. */
    readonly version: pulumi.Input<string>;
  };
  /** What tells the database from one that took its place, which would be without a schema. */
  readonly databaseId: pulumi.Input<string>;
  /** What the function needs to reach the database. */
  readonly dependsOn: readonly pulumi.Resource[];
}

const rules = z.object({ name: shortName });

/**
 * Brings the database's schema to what the code expects, in the middle of an update: what serves with the new code
 * depends on it. A function that fails, fails the update.
 *
 * @example
 * const migration = new Migration("migration", { migrate, databaseId: database.resourceId, dependsOn: [network] });
 * new ContainerFunction("api", { servesAfter: [migration], ... });
 */
export class Migration extends pulumi.ComponentResource {
  /** What the function answered, as JSON. */
  readonly result: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: MigrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:storage:Migration", name, {}, opts);
    checkArguments(this, name, rules, { name });

    const invocation = new aws.lambda.Invocation(
      name,
      {
        functionName: args.migrate.functionName,
        // A new image is a new version, and another qualifier is another invocation, as is another database.
        qualifier: args.migrate.version,
        triggers: { database: args.databaseId },
        input: "{}",
        lifecycleScope: "CREATE_ONLY", // Taking the stack down migrates nothing.
      },
      { parent: this, dependsOn: [...args.dependsOn] },
    );

    this.result = invocation.result;
    this.registerOutputs({ result: this.result });
  }
}
