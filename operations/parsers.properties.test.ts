/** What operations read of others: names that were typed, messages of queues, Pulumi's history, stacks' names. */
import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { functions } from "../functions";
import { StepError } from "../local/errors";
import { anyText, holds, holdsInTime } from "../tests/support/properties";
import { itemOf } from "./dead-letters";
import { deployedStack, knownFunction } from "./deployed-stack";
import { expiredReviewStacks } from "./expired-review-stacks";
import { backendFolder } from "./file-backend";
import { runningImages } from "./images";
import { updatesFrom } from "./update-history";

const names = Object.keys(functions);

describe("any name of a function", () => {
  it("is one of the registry, or is refused with what may have been meant", () => {
    holds(
      fc.property(fc.oneof(anyText, fc.constantFrom(...names)), (given) => {
        if (names.includes(given)) return assert.equal(knownFunction(given), given);
        assert.throws(
          () => knownFunction(given),
          (error) =>
            error instanceof StepError &&
            error.reason.includes(JSON.stringify(given)) &&
            names.some((name) => error.next.includes(name)),
        );
      }),
    );
  });
});

describe("any name of a stack", () => {
  it("that has no settings is refused, whatever it is", async () => {
    await holdsInTime(
      fc.asyncProperty(anyText, anyText, async (organization, name) => {
        fc.pre(!/^(dev|staging|prod|local|pr-[\w-]+)$/.test(name.split("/").at(-1)!));

        for (const given of [name, `${organization}/${name}`]) {
          await assert.rejects(deployedStack(given), (error) => error instanceof StepError);
        }
      }),
      50,
    );
  });
});

describe("any reference of an image", () => {
  it("is told as repository and digest, once for all of its functions", () => {
    const reference = fc
      .tuple(
        fc.stringMatching(/^[a-z0-9.-]{1,20}(:\d{1,5})?$/),
        fc.stringMatching(/^[a-z0-9-]{1,12}(\/[a-z0-9._-]{1,12}){0,2}$/),
        fc.stringMatching(/^[0-9a-f]{64}$/),
      )
      .map(([registry, repository, hash]) => ({ registry, repository, digest: `sha256:${hash}` }));
    holds(
      fc.property(reference, fc.integer({ min: 1, max: names.length }), ({ registry, repository, digest }, count) => {
        const uri = `${registry}/${repository}@${digest}`;

        assert.deepEqual(runningImages(Array.from({ length: count }, () => ({ uri }))), [{ uri, repository, digest }]);
      }),
      100,
    );
  });
});

describe("any message of a queue", () => {
  it("is about an item, or unreadable; nothing else of it is shown", () => {
    const body = fc.oneof(
      anyText,
      fc.json(),
      fc.record({ detail: fc.jsonValue() }).map((value) => JSON.stringify(value)),
      anyText.map((item_id) => JSON.stringify({ detail: { item_id } })),
      anyText.map((key) => JSON.stringify({ detail: { object: { key } } })),
    );
    holds(
      fc.property(body, fc.uuid(), (Body, MessageId) => {
        const shown = itemOf({ Body, MessageId });

        assert.ok(shown === `unreadable message ${MessageId}` || /^[0-9a-f-]{36}$/.test(shown), shown);
      }),
    );
  });

  it("tells the item that it names, in an event of the pipeline or of S3", () => {
    const owner = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/);
    holds(
      fc.property(fc.uuid(), owner, (item_id, student) => {
        const key = `uploads/images/${student}/${item_id}`;

        assert.equal(itemOf({ Body: JSON.stringify({ detail: { item_id } }) }), item_id);
        assert.equal(itemOf({ Body: JSON.stringify({ detail: { object: { key } } }) }), item_id);
      }),
    );
  });
});

describe("any history", () => {
  it("is told whole, oldest first", () => {
    const moment = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
    const entry = fc.record({
      startTime: moment.map((date) => date.toISOString()),
      result: fc.constantFrom("succeeded", "failed", "in-progress"),
      environment: fc.dictionary(fc.constantFrom("git.head", "git.dirty", "constructor"), anyText),
    });
    holds(
      fc.property(fc.array(entry), (entries) => {
        const updates = updatesFrom(entries);

        const started = updates.map(({ startedAt }) => startedAt.toISOString());
        assert.deepEqual(started, entries.map(({ startTime }) => startTime).sort());
        assert.equal(
          updates.filter(({ succeeded }) => succeeded).length,
          entries.filter(({ result }) => result === "succeeded").length,
        );
      }),
    );
  });
});

describe("any list of stacks", () => {
  it("holds no expired one but review stacks, and none whose pull request is open and that is young", () => {
    const now = new Date("2026-11-26T12:00:00Z");
    const stack = fc.record({
      name: fc.oneof(
        anyText,
        fc.nat(30).map((number) => `pr-${number}`),
        fc.constantFrom("dev", "staging", "prod", "pr"),
      ),
      lastUpdate: fc.constantFrom("2026-11-26T11:00:00Z", "2026-11-01T00:00:00Z"),
      updateInProgress: fc.boolean(),
    });
    holds(
      fc.property(fc.array(stack), fc.uniqueArray(fc.nat(30)), (stacks, wanted) => {
        const expired = expiredReviewStacks(stacks, wanted, now);

        for (const name of expired) assert.match(name, /^pr-(.+-)?\d+$/s);
        const young = stacks.filter(({ lastUpdate }) => lastUpdate > "2026-11-25");
        for (const { name, updateInProgress } of young) {
          const number = /^pr-(\d+)$/.exec(name)?.[1];
          const others = stacks.filter((other) => other.name === name).length;
          if (number === undefined || others > 1) continue;
          assert.equal(expired.includes(name), !updateInProgress && !wanted.includes(Number(number)), name);
        }
      }),
    );
  });
});

describe("any address of a backend", () => {
  it("is a folder only if it says so, and then an absolute one", () => {
    holds(
      fc.property(
        fc.oneof(
          anyText,
          anyText.map((text) => `file://${text}`),
        ),
        (url) => {
          const folder = backendFolder(url);

          assert.equal(folder !== undefined, url.startsWith("file://"));
          if (folder !== undefined) assert.match(folder, /^(\/|[A-Z]:\\)/);
        },
      ),
    );
  });
});
