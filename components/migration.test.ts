import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { EventBus } from "./eventBus";
import { Migration } from "./migration";

const make = (name = "migration"): Promise<Recording<Migration>> =>
  record(
    () =>
      new Migration(name, {
        migrate: { functionName: "student-helper-test-migrate", version: "7" },
        databaseId: "db-ABC",
        dependsOn: [new EventBus("pipeline")],
      }),
  );

describe("Migration", () => {
  it("invokes each version of the function once for each database, when that can be reached", async () => {
    const { inputs, dependencies } = await make();

    assert.deepEqual(inputs("aws:lambda/invocation:Invocation", "migration"), {
      functionName: "student-helper-test-migrate",
      qualifier: "7",
      triggers: { database: "db-ABC" },
      input: "{}",
      lifecycleScope: "CREATE_ONLY",
    });
    assert.deepEqual(dependencies("aws:lambda/invocation:Invocation", "migration"), [
      "aws:cloudwatch/eventBus:EventBus pipeline",
    ]);
  });

  it("gives what the function answered", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.result), '{"revision":"0001"}');
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      make("migration-of-the-database-schema"),
      /Migration "migration-of-the-database-schema" has 1 problem;[^]*a lower-case letter, then up to 23 of/,
    );
  });
});
