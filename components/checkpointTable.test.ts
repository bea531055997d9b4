import * as assert from "node:assert/strict";
import { record, valueOf } from "../tests/support/pulumi-mocks";
import { CheckpointTable } from "./checkpointTable";

const name = "student-helper-test-checkpoints";

describe("CheckpointTable", () => {
  it("has one row for each step of an item, which expires, and can be restored", async () => {
    const { names, inputs } = await record(() => new CheckpointTable("checkpoints", { protectData: true }));

    assert.deepEqual(names, ["aws:dynamodb/table:Table checkpoints"]);
    assert.deepEqual(inputs("aws:dynamodb/table:Table", "checkpoints"), {
      name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "item_id",
      rangeKey: "step",
      attributes: [
        { name: "item_id", type: "S" },
        { name: "step", type: "S" },
      ],
      ttl: { enabled: true, attributeName: "expiration" },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: true,
    });
  });

  it("can be deleted where data is not protected", async () => {
    const { inputs } = await record(() => new CheckpointTable("checkpoints", { protectData: false }));

    assert.equal(inputs("aws:dynamodb/table:Table", "checkpoints").deletionProtectionEnabled, false);
  });

  it("gives its name and ARN", async () => {
    const { result } = await record(() => new CheckpointTable("checkpoints", { protectData: true }));

    assert.equal(await valueOf(result.tableName), name);
    assert.equal(await valueOf(result.arn), `arn:aws:dynamodb:eu-central-1:123456789012:table/${name}`);
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      record(() => new CheckpointTable("checkpoints-of-all-the-steps", { protectData: true })),
      /CheckpointTable "checkpoints-of-all-the-steps" has 1 problem;[^]*a lower-case letter, then up to 23 of/,
    );
  });
});
