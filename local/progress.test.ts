import * as assert from "assert/strict";
import { mock } from "node:test";
import { StepError } from "./errors";
import { step } from "./progress";

describe("a step", () => {
  const lines: string[] = [];

  beforeEach(() => {
    lines.length = 0;
    mock.method(process.stderr, "write", (text: string) => lines.push(text) > 0);
  });

  afterEach(() => {
    mock.restoreAll();
  });

  it("that is quick is one line, with what it found", async () => {
    const result = await step("Go compiler", (note) => {
      note("1.26");
      return Promise.resolve("go");
    });

    assert.equal(result, "go");
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^ {2}ok Go compiler \(1\.26\), 0\.\d s\n$/);
  });

  it("that fails is named in the error, once", async () => {
    const failing = (): Promise<never> =>
      step("inner", () => Promise.reject(new StepError("it broke.", "mend it.", "/log")));

    await assert.rejects(failing(), new StepError("inner: it broke.", "mend it.", "/log"));
    await assert.rejects(step("inner", failing), new StepError("inner: it broke.", "mend it.", "/log"));
    assert.match(lines[0]!, /^ {2}!! inner, after 0\.\d s\n$/);
  });

  it("that the file system stops says what to do", async () => {
    const refused = Object.assign(new Error("EACCES: permission denied, mkdir '/cache'"), {
      code: "EACCES",
      path: "/cache",
    });

    await assert.rejects(
      step("cache", () => Promise.reject(refused)),
      new StepError(
        "cache: EACCES: permission denied, mkdir '/cache'.",
        "make /cache writable, then run the command again.",
      ),
    );
  });

  it("that fails by a fault of its own hands that on", async () => {
    const fault = new TypeError("undefined is not a function");

    await assert.rejects(
      step("cache", () => Promise.reject(fault)),
      fault,
    );
  });
});
