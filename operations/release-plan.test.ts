import * as assert from "node:assert/strict";
import type { FunctionName } from "../functions";
import { StepError } from "../local/errors";
import { listVersions } from "./release-list";
import {
  type DeployedFunction,
  type Plan,
  planFunctionMove,
  planFunctionRollback,
  planLatest,
  planStackRollback,
  releaseOf,
  type Releases,
  versionBefore,
} from "./release-plan";
import type { Update } from "./update-history";

/** So many minutes after noon. */
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 26, 12, minutes));

/** A function whose versions 1, 2, ... were published at these minutes. */
const deployed = (name: FunctionName, live: string, ...published: number[]): DeployedFunction => ({
  name,
  live,
  shares: {},
  versions: published.map((minutes, index) => ({
    version: `${index + 1}`,
    digest: `sha256:${name === "api" ? "a" : "b"}${`${index + 1}`.padStart(63, "0")}`,
    publishedAt: at(minutes),
  })),
});

/** Updates that began at these minutes and took five; a negative one failed. */
const updates = (...begun: number[]): Update[] =>
  begun.map((minutes) => ({
    startedAt: at(Math.abs(minutes)),
    endedAt: at(Math.abs(minutes) + 5),
    succeeded: minutes >= 0,
    commit: `commit-${Math.abs(minutes)}`,
    dirty: false,
  }));

const moves = (plan: Plan): string[] =>
  plan.moves.map(({ name, from, to }) => `${name} ${from.version} -> ${to.version}`);

/** The reason of what an action throws. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    return error.reason;
  }
  return assert.fail("it was taken");
}

describe("the version that ran before", () => {
  const cases: readonly [what: string, releases: Omit<Releases, "functions">, live: string, before?: string][] = [
    ["is the one before", { pinChanges: [], updates: updates(0, 10, 30) }, "3", "2"],
    ["is that before the one that was taken back to", { pinChanges: [], updates: updates(0, 10, 30) }, "2", "1"],
    ["is none for the first", { pinChanges: [], updates: updates(0, 10, 30) }, "1"],
    ["is the one before where no update is known", { pinChanges: [], updates: [] }, "3", "2"],
    ["is the one before where the history cannot be read", { pinChanges: [] }, "3", "2"],
    ["is not one whose update failed, as with a canary", { pinChanges: [], updates: updates(0, -10, 30) }, "3", "1"],
    ["is one whose update failed and was repeated", { pinChanges: [], updates: updates(0, -10, 16, 30) }, "3", "2"],
    [
      "is the one that was pinned, and not the one that was fled from",
      {
        pinChanges: [
          { at: at(0), pins: {} },
          { at: at(15), pins: { api: "1" } },
          { at: at(40), pins: {} },
        ],
        updates: updates(0, 10, 30),
      },
      "3",
      "1",
    ],
    [
      "is the one before where another function was pinned",
      { pinChanges: [{ at: at(15), pins: { embedder: "1" } }], updates: updates(0, 10, 30) },
      "3",
      "2",
    ],
  ];
  for (const [what, releases, live, before] of cases) {
    it(what, () => {
      const api = deployed("api", live, 1, 11, 31);

      assert.equal(versionBefore(api, { ...releases, functions: [api] })?.version, before);
    });
  }
});

describe("a version's release", () => {
  const cases: readonly [minutes: number, commit: string | undefined, key: string][] = [
    [10, "commit-10", at(10).toISOString()],
    [15, "commit-10", at(10).toISOString()],
    [17, undefined, `after ${at(10).toISOString()}`],
    [-1, undefined, "before all updates"],
  ];
  for (const [minutes, commit, key] of cases) {
    it(`${minutes} minutes after noon is ${key}`, () => {
      const release = releaseOf({ version: "1", digest: "", publishedAt: at(minutes) }, updates(0, 10).slice(1));

      assert.equal(release.key, key);
      assert.equal(release.update?.commit, commit);
    });
  }

  it("is that of the update that runs", () => {
    const running: Update = { startedAt: at(30), succeeded: false, dirty: false };

    const { update } = releaseOf({ version: "1", digest: "", publishedAt: at(50) }, [...updates(0), running]);

    assert.equal(update, running);
  });
});

describe("a rollback of the stack", () => {
  it("takes back what the newest release changed, and pins it; the rest stays", () => {
    const functions = [deployed("api", "2", 1, 11), deployed("embedder", "2", 2, 12), deployed("cleanup", "1", 3)];

    const plan = planStackRollback({
      functions,
      pinChanges: [{ at: at(5), pins: { analyzer: "4" } }],
      updates: updates(0, 10),
    });

    assert.deepEqual(moves(plan), ["api 2 -> 1", "embedder 2 -> 1"]);
    assert.deepEqual(plan.pins, { analyzer: "4", api: "1", embedder: "1" });
    assert.deepEqual(plan.staying, []);
  });

  it("moves what is left when it is done again", () => {
    const functions = [deployed("api", "1", 1, 11), deployed("embedder", "2", 2, 12)];

    const plan = planStackRollback({ functions, pinChanges: [], updates: updates(0, 10) });

    assert.deepEqual(moves(plan), ["embedder 2 -> 1"]);
  });

  it("says what is new in the release, and so stays", () => {
    const functions = [deployed("api", "2", 1, 11), deployed("embedder", "1", 12)];

    const { staying } = planStackRollback({ functions, pinChanges: [], updates: updates(0, 10) });

    assert.deepEqual(staying, ["embedder"]);
  });

  const refused: readonly [
    what: string,
    functions: DeployedFunction[],
    updates: Update[] | undefined,
    reason: RegExp,
  ][] = [
    [
      "is the first one",
      [deployed("api", "1", 1)],
      updates(0),
      /^the newest release is the first of api; nothing was changed/,
    ],
    [
      "was taken back already",
      [deployed("api", "1", 1, 11)],
      updates(0, 10),
      /^no function runs the newest release, of 2026-11-26T12:11:00.000Z; nothing was changed/,
    ],
    [
      "is not known",
      [deployed("api", "2", 1, 11)],
      undefined,
      /^Pulumi's history cannot be read, .*; nothing was changed/,
    ],
  ];
  for (const [what, functions, known, reason] of refused) {
    it(`is refused when the newest release ${what}`, () => {
      assert.match(
        refusal(() => planStackRollback({ functions, pinChanges: [], updates: known })),
        reason,
      );
    });
  }
});

describe("a rollback of a function", () => {
  const releases: Releases = {
    functions: [deployed("api", "3", 1, 11, 21), deployed("embedder", "1", 1)],
    pinChanges: [],
    updates: updates(0, 10, 20),
  };

  it("takes it to what ran before", () => {
    const plan = planFunctionRollback(releases, "api");

    assert.deepEqual(moves(plan), ["api 3 -> 2"]);
    assert.deepEqual(plan.pins, { api: "2" });
  });

  for (const [wanted, version] of [
    ["1", "1"],
    ["3", "3"],
    [`sha256:a${"1".padStart(63, "0")}`, "1"],
    [`sha256:a${"0".repeat(62)}2`, "2"],
    [`a${"0".repeat(62)}2`, "2"],
    [`a${"0".repeat(11)}`, "3"],
  ] as const) {
    it(`takes it to ${wanted.slice(0, 20)}`, () => {
      const plan = planFunctionMove(releases, "api", wanted);

      assert.deepEqual(moves(plan), [`api 3 -> ${version}`]);
      assert.deepEqual(plan.pins, { api: version });
    });
  }

  for (const wanted of ["9", "0", "a", "sha256:", `sha256:c${"0".repeat(11)}`, "$LATEST"]) {
    it(`refuses ${wanted}`, () => {
      const reason = refusal(() => planFunctionMove(releases, "api", wanted));

      assert.equal(reason, `api has no version ${wanted}; nothing was changed.`);
    });
  }

  it("is refused without a version before", () => {
    const reason = refusal(() => planFunctionRollback(releases, "embedder"));

    assert.equal(reason, "embedder has no version before 1 to go back to; nothing was changed.");
  });

  it("is refused for what runs within updates", () => {
    assert.match(
      refusal(() => planFunctionRollback(releases, "migrate")),
      /^migrate serves nobody: .*; nothing was changed/,
    );
  });
});

describe("going forward", () => {
  const pinChanges = [{ at: at(30), pins: { api: "1", embedder: "2" } }];
  const functions = [deployed("api", "1", 1, 11), deployed("embedder", "2", 2, 12), deployed("cleanup", "1", 3)];

  it("takes pinned functions to their newest versions, and lifts their pins", () => {
    const plan = planLatest({ functions, pinChanges }, ["api", "embedder", "cleanup"]);

    assert.deepEqual(moves(plan), ["api 1 -> 2", "embedder 2 -> 2"]);
    assert.deepEqual(plan.pins, {});
  });

  it("leaves others pinned", () => {
    const plan = planLatest({ functions, pinChanges }, ["api"]);

    assert.deepEqual(plan.pins, { embedder: "2" });
  });

  it("has nothing to do for what is at its newest version", () => {
    assert.deepEqual(planLatest({ functions, pinChanges }, ["cleanup"]).moves, []);
  });
});

describe("a list of versions", () => {
  const functions = [
    { ...deployed("api", "1", 1, 11), shares: { "2": 0.1 } },
    deployed("embedder", "1", 2),
    deployed("cleanup", "1", 12),
  ];
  const releases: Releases = { functions, pinChanges: [{ at: at(30), pins: { api: "1" } }], updates: updates(0, 10) };
  const show = (limit: number, name?: FunctionName): string[] =>
    listVersions(releases, limit, name).map(({ name: functionName, version, state, release }) =>
      `${release.update?.commit} ${functionName} ${version} ${state.join(", ")}`.trim(),
    );

  it("has the newest release first, and says what is live, pinned or tried", () => {
    assert.deepEqual(show(10), [
      "commit-10 api 2 canary 10 %",
      "commit-10 cleanup 1 live",
      "commit-0 api 1 live, pinned",
      "commit-0 embedder 1 live",
    ]);
  });

  it("has so many of each function", () => {
    assert.deepEqual(show(1, "api"), ["commit-10 api 2 canary 10 %"]);
  });
});
