import * as assert from "assert/strict";
import { inventory } from "./support/inventory";
import { theLocalTarget } from "./support/target";

describe("destroying the stack", () => {
  it("leaves nothing in the account", async () => {
    const { stack } = theLocalTarget();
    const before = await inventory();
    for (const [kind, names] of Object.entries(before)) assert.notDeepEqual(names, [], `no ${kind} to begin with`);

    await stack.destroy();

    const nothing = Object.fromEntries(Object.keys(before).map((kind) => [kind, []]));
    assert.deepEqual(await inventory(), nothing);
  });
});
