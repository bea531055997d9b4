import * as assert from "node:assert/strict";
import { counted, type Figure, growth, isMet, limit, percentile, repeated } from "./figures";

const figure = (rest: Partial<Figure>): Figure => ({ what: "a change", unit: "s", values: [1], goal: {}, ...rest });
const floor = { what: "by hand", values: [0.5] };

describe("a figure", () => {
  it("counts by its median, unless another percentile is named", () => {
    assert.equal(counted(figure({ values: [9, 1, 2] })), 2);
    assert.equal(counted(figure({ values: [1, 2, 3, 4] })), 2.5);
    assert.equal(counted(figure({ values: [0, 10], percentile: 95 })), 9.5);
  });

  it("cannot be had from nothing", () => {
    assert.throws(() => percentile([], 50), /nothing was measured/);
  });

  const goals: readonly [title: string, rest: Partial<Figure>, most: number | undefined, met: boolean][] = [
    ["at the most that is allowed", { goal: { most: 1 } }, 1, true],
    ["above it", { goal: { most: 0.9 } }, 0.9, false],
    ["at the allowed multiple of its floor", { floor, goal: { timesFloor: 2 } }, 1, true],
    ["above that", { floor, goal: { timesFloor: 1.5 } }, 0.75, false],
    ["as far from its floor as is allowed", { floor, goal: { aboveFloor: 0.5 } }, 1, true],
    ["farther", { floor, goal: { aboveFloor: 0.4 } }, 0.9, false],
    ["below one limit, above another", { floor, goal: { most: 2, timesFloor: 1.5 } }, 0.75, false],
    ["at the least that it must be", { goal: { least: 1 } }, undefined, true],
    ["below it", { goal: { least: 1.1 } }, undefined, false],
    ["of which the worst must be", { values: [70, 100, 100], percentile: 0, goal: { least: 90 } }, undefined, false],
  ];
  for (const [title, rest, most, met] of goals) {
    it(`${title} is ${met ? "good enough" : "not good enough"}`, () => {
      assert.equal(limit(figure(rest)), most);
      assert.equal(isMet(figure(rest)), met);
    });
  }

  it("of something that grows is held against a straight line, in which fixed costs do not grow", () => {
    const measured = [
      [12, [23, 22, 22]],
      [24, [34]],
    ] as const;

    const linear = growth("running", "s", "functions", [...measured, [48, [58, 59, 58]]]);
    const faster = growth("running", "s", "functions", [...measured, [48, [65]]]);

    assert.deepEqual(linear[2], {
      what: "running with 48 functions",
      unit: "s",
      values: [58, 59, 58],
      floor: { what: "the straight line through 12 and 24 functions", values: [58] },
      goal: { timesFloor: 1.1 },
    });
    assert.deepEqual(linear.map(isMet), [true, true, true]);
    assert.deepEqual(faster.map(isMet), [true, true, false]);
  });

  it("leaves the first of several measurements out", async () => {
    assert.deepEqual(await repeated(2, (time) => Promise.resolve(time * 10)), [10, 20]);
  });
});
