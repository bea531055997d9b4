import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { dataOptions } from "./internal/protection";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link CheckpointTable}. */
export interface CheckpointTableArgs {
  /** Whether the table refuses to be deleted with what it holds. */
  readonly protectData: boolean;
}

const rules = z.object({ name: shortName });

/**
 * The table of checkpoints: which step of which item was done, until that expires. DynamoDB encrypts it with a key of its
 * own.
 *
 * Meets Security Hub DynamoDB.1 (scales with demand), DynamoDB.2 (point-in-time recovery) and DynamoDB.6 (deletion
 * protection) (https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html).
 *
 * @example
 * const checkpoints = new CheckpointTable("checkpoints", { protectData: true });
 */
export class CheckpointTable extends pulumi.ComponentResource {
  /** The table's name. */
  readonly tableName: pulumi.Output<string>;
  /** The table's ARN. */
  readonly arn: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: CheckpointTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:storage:CheckpointTable", name, {}, opts);
    checkArguments(this, name, rules, { name });

    const table = new aws.dynamodb.Table(
      name,
      {
        name: physicalName(name),
        billingMode: "PAY_PER_REQUEST",
        // The shared Python package's names: student_helper.checkpoints.
        hashKey: "item_id",
        rangeKey: "step",
        attributes: [
          { name: "item_id", type: "S" },
          { name: "step", type: "S" },
        ],
        ttl: { enabled: true, attributeName: "expiration" },
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: args.protectData,
      },
      { parent: this, ...dataOptions(args.protectData) },
    );

    this.tableName = table.name;
    this.arn = table.arn;
    this.registerOutputs({ tableName: this.tableName, arn: this.arn });
  }
}
