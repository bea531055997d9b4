import * as assert from "node:assert/strict";
import { shortDigest, table, timeOf } from "./table";

describe("a table", () => {
  it("has columns as wide as they must be, and no blanks at the end", () => {
    const rows = [
      ["api", "10", "live"],
      ["embedder", "1", ""],
    ];

    assert.equal(table(rows), "api       10  live\nembedder  1");
    assert.equal(table([]), "");
    assert.equal(
      table(
        rows.map((row) => row.slice(0, 2)),
        true,
      ),
      "api       10\nembedder   1",
    );
  });

  it("shows enough of a digest and of a time", () => {
    assert.equal(shortDigest(`sha256:${"0123456789abcdef".repeat(4)}`), "sha256:0123456789ab");
    assert.equal(timeOf(new Date("2026-11-26T12:10:05.123Z")), "2026-11-26 12:10:05 UTC");
  });
});
