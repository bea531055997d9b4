import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { architecture, redrawn } from "../docs/drawing";

describe("the picture of the architecture", () => {
  it("shows what the program makes now; `npm run draw` draws it", async function () {
    this.timeout(60_000); // The program is loaded for it, with its SDKs.

    const committed = await fs.readFile(architecture, "utf8");

    assert.equal(committed, await redrawn());
    assert.match(committed, /^ {2}functions --> network$/m);
    assert.match(committed, /^ {2}analyzer --> checkpoints$/m);
  });
});
