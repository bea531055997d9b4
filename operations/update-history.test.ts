import * as assert from "node:assert/strict";
import type { DeployedStack } from "./deployed-stack";
import { updatesFrom, updatesOf } from "./update-history";

describe("a stack's updates", () => {
  it("are read from what Pulumi prints, oldest first", () => {
    const updates = updatesFrom([
      { startTime: "2026-11-26T12:30:00.000Z", environment: {} },
      {
        startTime: "2026-11-26T12:20:00.000Z",
        endTime: "2026-11-26T12:25:00.000Z",
        result: "failed",
        environment: { "git.head": "abc", "git.dirty": "true" },
      },
      {
        startTime: "2026-11-26T12:10:00.000Z",
        endTime: "2026-11-26T12:15:00.000Z",
        result: "succeeded",
        environment: { "git.head": "def", "git.dirty": "false" },
      },
    ]);

    assert.deepEqual(updates, [
      {
        startedAt: new Date("2026-11-26T12:10:00Z"),
        endedAt: new Date("2026-11-26T12:15:00Z"),
        succeeded: true,
        commit: "def",
        dirty: false,
      },
      {
        startedAt: new Date("2026-11-26T12:20:00Z"),
        endedAt: new Date("2026-11-26T12:25:00Z"),
        succeeded: false,
        commit: "abc",
        dirty: true,
      },
      { startedAt: new Date("2026-11-26T12:30:00Z"), succeeded: false, dirty: false },
    ]);
  });

  it("cannot be read without Pulumi's CLI, which is said", async () => {
    const stack: DeployedStack = {
      name: "prod",
      pulumiName: "prod",
      pulumi: { folder: "/nowhere", cwd: ".", env: {} },
      aws: { region: "eu-central-1" },
    };

    await assert.rejects(updatesOf(stack), /^StepError: the program .*pulumi was not found\.[\s\S]*\(`pulumi login`\)/);
  });
});
