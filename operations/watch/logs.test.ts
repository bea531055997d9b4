import * as assert from "node:assert/strict";
import { readable } from "./logs";

describe("a function's log entry", () => {
  it("is shown with what is its own, and without what is the same in all", () => {
    const entry = {
      level: "INFO",
      location: "handler:69",
      message: "Database migrated",
      timestamp: "2026-11-26T18:28:15.198+00:00",
      service: "migrate",
      cold_start: true,
      function_name: "student-helper-local-migrate",
      function_memory_size: "512",
      function_arn: "arn:aws:lambda:…",
      function_request_id: "6bfb3fab",
      revision: "0001",
      tables: ["items"],
    };

    assert.equal(readable(JSON.stringify(entry)), 'INFO Database migrated revision=0001 tables=["items"]');
  });

  const entries: readonly [message: string, shown: string | undefined][] = [
    ["START RequestId: 6bfb Version: 1\n", undefined],
    ["REPORT RequestId: 6bfb\tDuration: 1394.09 ms", undefined],
    ['{"time":"…","type":"platform.report","record":{}}', undefined],
    ["Traceback (most recent call last):\n", "Traceback (most recent call last):"],
    ["", undefined],
  ];
  for (const [message, shown] of entries) {
    it(`${JSON.stringify(message)} is ${shown === undefined ? "left out" : "shown as it is"}`, () => {
      assert.equal(readable(message), shown);
    });
  }
});
