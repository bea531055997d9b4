import * as assert from "assert/strict";
import { log } from "@pulumi/pulumi";
import { withoutDebugging } from "./program";

describe("an update without debugging", () => {
  const { debug } = log;
  const before = process.sourceMapsEnabled;

  afterEach(() => process.setSourceMapsEnabled(before));

  for (const enabled of [true, false]) {
    it(`has neither source maps nor debug messages, and leaves both as they were: ${enabled ? "on" : "off"}`, async () => {
      process.setSourceMapsEnabled(enabled);

      const during = await withoutDebugging(() =>
        Promise.resolve({ maps: process.sourceMapsEnabled, sends: log.debug === debug }),
      );

      assert.deepEqual(during, { maps: false, sends: false });
      assert.deepEqual([process.sourceMapsEnabled, log.debug], [enabled, debug]);
    });
  }

  it("leaves both as they were after a failure", async () => {
    const failure = new Error("the update failed");

    await assert.rejects(
      withoutDebugging(() => Promise.reject(failure)),
      failure,
    );

    assert.deepEqual([process.sourceMapsEnabled, log.debug], [before, debug]);
  });
});
