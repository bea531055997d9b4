import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { useTemporaryFolder } from "../../local/testing/temporary-folder";
import { changes, touchedBy } from "./changes";

const images = ["analyzer", "api"];

describe("a changed file", () => {
  const files: readonly [file: readonly string[], touched: readonly string[]][] = [
    [["api", "src", "api", "app.py"], ["api"]],
    [["api", "Dockerfile"], ["api"]],
    [["_shared", "src", "student_helper", "logs.py"], images],
    [["_testing", "src", "testing_support", "rows.py"], []],
    [["pyproject.toml"], []],
    [["api", "src", "api", "__pycache__", "app.cpython-313.pyc"], []],
    [["api", "src", "api", "app.py~"], []],
  ];
  for (const [file, touched] of files) {
    it(`${file.join("/")} touches ${touched.join(" and ") || "no image"}`, () => {
      assert.deepEqual(touchedBy(path.join(...file), images), touched);
    });
  }
});

describe("a watched folder", () => {
  const folder = useTemporaryFolder();

  it("tells changes that come together at once, and later ones after them", async () => {
    await fs.mkdir(path.join(folder(), "api"));
    const ended = new AbortController();
    const seen = changes(folder(), ended.signal);
    const first = seen.next();
    // The watch is not yet set up when `next` returns.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await fs.writeFile(path.join(folder(), "api", "app.py"), "1");
    await fs.writeFile(path.join(folder(), "api", "auth.py"), "1");
    const together = (await first).value as readonly string[];
    const second = seen.next();
    await fs.writeFile(path.join(folder(), "api", "app.py"), "2");
    const later = (await second).value as readonly string[];
    const last = seen.next().catch((error: Error) => error.name);
    ended.abort();

    assert.deepEqual([...together].sort(), [path.join("api", "app.py"), path.join("api", "auth.py")]);
    assert.deepEqual(later, [path.join("api", "app.py")]);
    assert.equal(await last, "AbortError");
  });
});
