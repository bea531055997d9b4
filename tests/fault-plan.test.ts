import * as assert from "node:assert/strict";
import { planFaults, students, wayOf } from "./e2e/support/fault-plan";

describe("the plan of a run of faults", () => {
  it("follows from its seed", () => {
    assert.deepEqual(planFaults(7, 200), planFaults(7, 200));
    assert.notDeepEqual(planFaults(7, 200), planFaults(8, 200));
  });

  for (const count of [40, 1000]) {
    it(`has all that can become of ${count} uploads, by all students, in a mixed order`, () => {
      const { uploads } = planFaults(1, count);

      const fates = uploads.map(({ fate }) => fate);
      const counts = Object.fromEntries(
        ["usable", "unusable", "refused", "outage"].map((fate) => [fate, fates.filter((own) => own === fate).length]),
      );
      const expected = {
        40: { usable: 36, unusable: 2, refused: 1, outage: 1 },
        1000: { usable: 890, unusable: 60, refused: 30, outage: 20 },
      };
      assert.deepEqual(counts, expected[count as 40 | 1000]);
      assert.deepEqual(
        uploads.map(({ number }) => number),
        uploads.map((_, index) => index),
      );
      assert.equal(new Set(uploads.map(({ student }) => student)).size, students);
      assert.equal(new Set(uploads.map(({ kind }) => kind)).size, 2);
      assert.notDeepEqual([...fates].sort(), fates);
    });
  }

  it("delivers a tenth of the events once more, each of one that there is", () => {
    const { uploads, duplicates } = planFaults(3, 500);

    const events = uploads.flatMap((upload) => wayOf(upload).map((consumer) => `${upload.number} ${consumer}`));
    const again = duplicates.map(({ upload, consumer }) => `${upload} ${consumer}`);
    assert.equal(again.length, Math.round(events.length / 10));
    assert.equal(new Set(again).size, again.length);
    assert.deepEqual(
      again.filter((event) => !events.includes(event)),
      [],
    );
    assert.ok(duplicates.every(({ delaySeconds }) => delaySeconds >= 0 && delaySeconds <= 20));
  });

  it("disturbs while there is work, in the order of the moments", () => {
    const { uploads, disturbances } = planFaults(3, 1000);

    const events = uploads.flatMap(wayOf).length;
    const moments = disturbances.map(({ afterEvents }) => afterEvents);
    assert.deepEqual(
      [...moments].sort((one, other) => one - other),
      moments,
    );
    assert.ok(moments[0]! >= events * 0.04 && moments.at(-1)! <= events * 0.76, moments.join(" "));
    const count = (kind: string): number => disturbances.filter((disturbance) => disturbance.kind === kind).length;
    assert.deepEqual([count("kill"), count("crash"), count("cut")], [40, 2, 10]);
  });

  it("lets an upload come as far as its fate", () => {
    const upload = { number: 0, student: 0, kind: "document" } as const;

    assert.deepEqual(wayOf({ ...upload, fate: "usable" }), ["document-processor", "analyzer", "embedder"]);
    assert.deepEqual(wayOf({ ...upload, kind: "picture", fate: "usable" })[0], "image-processor");
    assert.deepEqual(wayOf({ ...upload, fate: "unusable" }), ["document-processor"]);
    assert.deepEqual(wayOf({ ...upload, fate: "refused", vendor: "anthropic" }), ["document-processor", "analyzer"]);
    assert.deepEqual(wayOf({ ...upload, fate: "outage", vendor: "voyage" }), [
      "document-processor",
      "analyzer",
      "embedder",
    ]);
  });

  it("gives each vendor its own faults, which draw by the seed", () => {
    const { vendorFaults } = planFaults(5, 40);

    assert.ok(vendorFaults.every(({ seed }) => seed === 5));
    const kinds = (vendor: string): string[] =>
      vendorFaults.filter((fault) => fault.vendor === vendor).map(({ fault }) => fault);
    assert.deepEqual(kinds("anthropic"), kinds("voyage"));
    assert.ok(["rate-limit", "server-error", "timeout", "truncated"].every((kind) => kinds("voyage").includes(kind)));
  });
});
