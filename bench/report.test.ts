import * as assert from "node:assert/strict";
import type { Figure } from "./figures";
import { chart, table } from "./report";

const figures: readonly Figure[] = [
  {
    what: "a change <b>served</b>",
    unit: "s",
    values: [2.5, 1.25, 2],
    floor: { what: "by hand", values: [0.9, 1, 1.1] },
    goal: { most: 2, timesFloor: 3 },
  },
  { what: "upload to search", unit: "s", values: [1, 5], percentile: 95, goal: { most: 3 } },
  { what: "steps from the cache", unit: "%", values: [95], goal: { least: 90 } },
  { what: "a start", unit: "s", values: [113], goal: {} },
];

describe("the report", () => {
  it("has a row for each figure, with its spread, floor and goal", () => {
    assert.deepEqual(table(figures).split("\n").slice(2), [
      "| a change <b>served</b> | 2 s | 1.25 s to 2.5 s | 3 | 1 s (by hand) | at most 2 s, at most 3 times the floor | yes |",
      "| upload to search | 4.8 s (p95) | 1 s to 5 s | 2 |  | at most 3 s | **no** |",
      "| steps from the cache | 95 % | 95 % to 95 % | 1 |  | at least 90 % | yes |",
      "| a start | 113 s | 113 s to 113 s | 1 |  |  |  |",
    ]);
  });

  it("draws a bar for each figure that has an upper limit, half of the width being the limit", () => {
    const svg = chart(figures);

    assert.deepEqual(
      [...svg.matchAll(/width="([\d.]+)" height="16" fill="(#\w+)"/g)].map(([, width, colour]) => [width, colour]),
      [
        ["160.0", "#4a8f5b"],
        ["256.0", "#c0563f"],
      ],
    );
    assert.match(svg, />a change &lt;b&gt;served&lt;\/b&gt;</);
    assert.match(svg, /<rect x="510.0" y="3" width="3"/);
  });
});
