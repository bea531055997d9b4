import * as assert from "node:assert/strict";
import type { Pins } from "../components/internal/pins";
import type { FunctionVersion, Plan } from "./release-plan";
import { carryOut } from "./rolling-back";

const version = (number: string): FunctionVersion => ({
  version: number,
  digest: `sha256:${number.repeat(64)}`,
  publishedAt: new Date(0),
});
const plan: Plan = {
  moves: [{ name: "api", from: version("8"), to: version("7") }],
  pins: { cleanup: "3", api: "7" },
  staying: [],
};
const prod = { name: "prod", pulumiName: "prod" };

/** AWS with these pins in force, which notes what is changed. */
function awsWith(pins: Pins): { deployed: Parameters<typeof carryOut>[0]; changes: unknown[] } {
  const changes: unknown[] = [];
  const change = (...what: unknown[]): Promise<void> => Promise.resolve(void changes.push(what));
  const pinChanges = (): ReturnType<Parameters<typeof carryOut>[0]["pinChanges"]> =>
    Promise.resolve([
      { at: new Date(0), pins: {} },
      { at: new Date(1), pins },
    ]);
  return { deployed: { pinChanges, pin: change, move: change }, changes };
}

describe("a rollback", () => {
  it("pins, then moves", async () => {
    const { deployed, changes } = awsWith({ cleanup: "3" });

    await carryOut(deployed, plan, { cleanup: "3" }, prod, false);

    assert.deepEqual(changes, [[plan.pins], ["api", "7"]]);
  });

  it("changes nothing where another one has pinned something since it was planned", async () => {
    const { deployed, changes } = awsWith({ cleanup: "3", embedder: "5" });

    await assert.rejects(carryOut(deployed, plan, { cleanup: "3" }, prod, false), {
      reason: "the pins of stack prod have changed meanwhile; nothing was changed.",
    });

    assert.deepEqual(changes, []);
  });
});
