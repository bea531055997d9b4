import * as assert from "assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { print } from "../../local/progress";
import { type DeployedStack, localStackIn } from "../../operations/deployed-stack";
import { rollBack } from "../../operations/rolling-back";
import { call } from "./support/api";
import { instance, theLocalTarget } from "./support/target";
import { edit, up } from "./support/updates";

/** What a preview would change: nothing but the count of what stays. */
async function assertNothingToDo(stack: Stack, after: string): Promise<void> {
  const { changeSummary } = await stack.preview();
  assert.deepEqual(Object.keys(changeSummary), ["same"], `a plan after ${after}`);
  print(`       nothing to do after ${after}`);
}

/** The life of a stack: `destroy.e2e.ts` ends it. */
describe("a stack has nothing to do", function () {
  this.timeout("15m");
  let deployed: DeployedStack;
  let stack: Stack;

  before(async () => {
    deployed = await localStackIn(instance);
    ({ stack } = theLocalTarget());
  });

  it("after it was made", () => assertNothingToDo(stack, "it was made"));

  it("after a line of a handler and a setting have changed", async () => {
    const title = 'title="Student Helper"';
    await edit("images/api/src/api/app.py", (text) => text.replace(title, 'title="Another Title"'));
    await stack.setConfig("student-helper:logRetentionDays", { value: "3" });

    const { changes } = await up(stack);

    assert.ok(changes.includes("update docker-build:index:Image api"), changes.join("\n"));
    assert.ok(changes.includes("update aws:cloudwatch/logGroup:LogGroup api"), changes.join("\n"));
    await assertNothingToDo(stack, "the change");
  });

  it("after the change was rolled back, by the command and in the checkout", async () => {
    const before = (await call("GET", "/health")).body.version;
    await rollBack(deployed, { args: [], options: { function: "api", yes: true } });
    assert.notEqual((await call("GET", "/health")).body.version, before);
    await up(stack);
    await assertNothingToDo(stack, "the rollback");

    await rollBack(deployed, { args: [], options: { to: "latest", yes: true } });
    await edit("images/api/src/api/app.py", (text) => text.replace("Another Title", "Student Helper"));
    await stack.setConfig("student-helper:logRetentionDays", { value: "1" });
    await up(stack);
    await assertNothingToDo(stack, "the way back");
  });
});
