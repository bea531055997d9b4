import * as assert from "node:assert/strict";
import { expiredReviewStacks, type ListedStack, timeToLiveHours } from "./expired-review-stacks";

const now = new Date("2026-11-26T12:00:00Z");
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 60 * 60 * 1000).toISOString();
const expired = (stacks: readonly ListedStack[], wanted: readonly number[] = [12]): readonly string[] =>
  expiredReviewStacks(stacks, wanted, now);

describe("expired review stacks", () => {
  const cases: readonly [what: string, stack: ListedStack, expired: readonly string[]][] = [
    ["keeps one whose pull request is open", { name: "pr-12", lastUpdate: hoursAgo(1) }, []],
    ["keeps one until its time is over", { name: "pr-12", lastUpdate: hoursAgo(timeToLiveHours) }, []],
    ["ends one whose time is over", { name: "pr-12", lastUpdate: hoursAgo(timeToLiveHours + 0.01) }, ["pr-12"]],
    ["ends one whose pull request is closed or has no label", { name: "pr-7", lastUpdate: hoursAgo(1) }, ["pr-7"]],
    ["keeps one that is new and still empty", { name: "pr-12" }, []],
    ["ends one that stayed empty when its pull request is closed", { name: "pr-7" }, ["pr-7"]],
    [
      "keeps one that is being updated, even if its time is over",
      { name: "pr-7", lastUpdate: hoursAgo(1000), updateInProgress: true },
      [],
    ],
    ["names one without its organization", { name: "student-helper/pr-7", lastUpdate: hoursAgo(1) }, ["pr-7"]],
    [
      "ends one that Pulumi Cloud has made",
      { name: "pr-student-helper-student-helper-7", lastUpdate: hoursAgo(1) },
      ["pr-student-helper-student-helper-7"],
    ],
  ];
  for (const [what, stack, names] of cases) {
    it(what, () => {
      assert.deepEqual(expired([stack]), names);
    });
  }

  for (const name of ["pr", "dev", "prod", "prod-7", "staging", "local", "pr-", "pr-x", "student-helper/prod"]) {
    it(`never ends ${name}`, () => {
      assert.deepEqual(expired([{ name, lastUpdate: hoursAgo(10_000) }], []), []);
    });
  }
});
