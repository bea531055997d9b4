import * as assert from "assert/strict";
import { log } from "@pulumi/pulumi";
import { withoutDebugging } from "./program";

describe("an update without debugging", () => {
  const { debug } = log;
  const { stackTraceLimit } = Error;
  const before = process.sourceMapsEnabled;

  afterEach(() => process.setSourceMapsEnabled(before));

  for (const enabled of [true, false]) {
    it(`has short traces, no source maps and no debug messages, and leaves all as it was: ${enabled ? "on" : "off"}`, async () => {
      process.setSourceMapsEnabled(enabled);

      const during = await withoutDebugging(() =>
        Promise.resolve({
          lines: Error.stackTraceLimit,
          maps: process.sourceMapsEnabled,
          sends: log.debug === debug,
        }),
      );

      assert.deepEqual(during, { lines: 4, maps: false, sends: false });
      assert.deepEqual(
        [Error.stackTraceLimit, process.sourceMapsEnabled, log.debug],
        [stackTraceLimit, enabled, debug],
      );
    });
  }

  it("leaves all as it was after a failure", async () => {
    const failure = new Error("the update failed");

    await assert.rejects(
      withoutDebugging(() => Promise.reject(failure)),
      failure,
    );

    assert.deepEqual([Error.stackTraceLimit, process.sourceMapsEnabled, log.debug], [stackTraceLimit, before, debug]);
  });
});
