import * as assert from "assert/strict";
import { cloudOnly, expectations, runbookBlocks, triesBlocks } from "./support/runbook";

/** The runbook's commands, in the story that its order tells. */
describe("the runbook", function () {
  // A block may update the whole stack, and more than once.
  this.timeout("15m");

  it("has no block that is not known here", async () => {
    const blocks = await runbookBlocks();

    const linesOf = (wanted: string): string[] =>
      blocks.filter(({ marker }) => marker === wanted).map(({ lines }) => lines);
    assert.deepEqual([...new Set(blocks.map(({ marker }) => marker))].sort(), ["", "cloud"]);
    assertBegin(
      linesOf(""),
      expectations.map(({ begins }) => begins),
    );
    assertBegin(linesOf("cloud"), Object.keys(cloudOnly));
  });

  triesBlocks(expectations.filter(({ tellsOwnStory }) => tellsOwnStory === undefined));
});

function assertBegin(texts: readonly string[], beginnings: readonly string[]): void {
  assert.deepEqual(
    texts.map((text, index) => text.slice(0, beginnings[index]?.length)),
    beginnings,
  );
}
