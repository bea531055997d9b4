import * as assert from "assert/strict";
import { spawn } from "child_process";
import { once } from "events";
import fs from "fs/promises";
import { mock } from "node:test";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { cached, exclusively, sources } from "./cache";
import { StepError } from "./errors";
import { cacheFolder } from "./folders";
import { useTemporaryFolder } from "./testing/temporary-folder";

const folders = async (): Promise<string[]> => (await fs.readdir(cacheFolder())).sort();

describe("the cache", () => {
  const folder = useTemporaryFolder();

  it("builds a folder once", async () => {
    const build = (text: string) => (to: string) => fs.writeFile(path.join(to, "file"), text);

    const first = await cached("tool", ["1.0"], build("first"));
    const second = await cached("tool", ["1.0"], build("second"));

    assert.equal(first.built, true);
    assert.deepEqual(second, { folder: first.folder, built: false });
    assert.equal(await fs.readFile(path.join(first.folder, "file"), "utf8"), "first");
  });

  it("keeps what other inputs built beside it", async () => {
    const first = await cached("tool", ["1.0"], () => Promise.resolve());
    const second = await cached("tool", ["1.1"], () => Promise.resolve());

    assert.equal(second.built, true);
    assert.deepEqual(await folders(), [first.folder, second.folder].map((name) => path.basename(name)).sort());
  });

  it("lets nobody else reach what is built, whatever its own mode is", async () => {
    if (process.platform === "win32") return; // It has no such modes.
    const { folder: built } = await cached("tool", [], async (to) => {
      await fs.writeFile(path.join(to, "archive"), "");
      await fs.chmod(path.join(to, "archive"), 0o666);
    });

    assert.equal((await fs.stat(built)).mode & 0o777, 0o700);
  });

  it("keeps nothing of a build that fails, and builds the next time", async () => {
    const failing = cached("tool", [], async (to) => {
      await fs.writeFile(path.join(to, "half"), "");
      throw new Error("failed");
    });

    await assert.rejects(failing, { message: "failed" });
    assert.deepEqual(await folders(), []);
    const next = await cached("tool", [], () => Promise.resolve());
    assert.equal(next.built, true);
    assert.deepEqual(await fs.readdir(next.folder), []);
  });

  it("asks for disk space when a build fails on a full disk, whatever the build says", async () => {
    const statfs = mock.method(fs, "statfs", () => Promise.resolve({ bavail: 100, bsize: 4096 }));

    const failing = cached("tool", [], () => Promise.reject(new StepError("venv failed.", "install venv.", "/log")));

    await assert.rejects(
      failing,
      new StepError("venv failed.", "free some disk space, then run the command again: it goes on from here.", "/log"),
    );
    statfs.mock.restore();
  });

  it("takes nothing of a build that was killed for finished, and removes it", async () => {
    let unfinished = "";
    const { folder: finished } = await cached("tool", [], (to) =>
      Promise.resolve((unfinished = to)).then(() => undefined),
    );
    // As if the process had been killed in the middle.
    await fs.rename(finished, unfinished);

    const { built } = await cached("tool", [], () => Promise.resolve());

    assert.equal(built, true);
    assert.deepEqual(await folders(), [path.basename(finished)]);
  });

  describe("after a build", () => {
    const nothing = (): Promise<void> => Promise.resolve();
    const made = async (name: string, ...inputs: string[]): Promise<string> =>
      (await cached(name, inputs, nothing)).folder;
    const notUsedFor = (days: number, name: string): Promise<void> => {
      const then = new Date(Date.now() - days * 24 * 3_600_000);
      return fs.utimes(name, then, then);
    };
    const names = (...kept: string[]): string[] => kept.map((name) => path.basename(name)).sort();

    it("holds nothing that builds of other inputs left that were killed, but what is being built", async () => {
      const killed = await made("tool", "1.0");
      const running = await made("tool", "1.1");
      await fs.rename(killed, `${killed}.00000000.unfinished`);
      await fs.rename(running, `${running}.00000000.unfinished`);

      const built = await exclusively(running, () => made("tool", "1.2"));

      assert.deepEqual(await folders(), names(built, `${running}.00000000.unfinished`));
    });

    it("holds nothing of its name that no checkout asked for in a month", async () => {
      const [unused, used, other] = [await made("tool", "1.0"), await made("tool", "1.1"), await made("tool-go", "1")];
      for (const name of [unused, used, other]) await notUsedFor(31, name);

      await made("tool", "1.1"); // is used
      const built = await made("tool", "1.2");

      assert.deepEqual(await folders(), names(used, other, built));
    });

    it("holds what a process runs from, however long", async () => {
      const runs = await made("tool", "1.0");
      await notUsedFor(400, runs);
      const child = spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)", path.join(runs, "program")]);
      await once(child, "spawn");

      const built = await made("tool", "1.1");

      child.kill();
      assert.deepEqual(await folders(), names(runs, built));
    });
  });

  it("builds once when two processes want the same", async () => {
    const builds = path.join(folder(), "builds");
    const program = `
      import { appendFile } from "fs/promises";
      import { setTimeout } from "timers/promises";
      import { cached } from ${JSON.stringify(path.join(__dirname, "cache.ts"))};
      void cached("tool", [], async () => { await appendFile(${JSON.stringify(builds)}, "x"); await setTimeout(100); });
    `;
    const file = path.join(folder(), "program.ts");
    await fs.writeFile(file, program);

    const runs = [1, 2].map(() => spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), file]));
    const codes = await Promise.all(runs.map(async (run) => (await once(run, "exit"))[0] as unknown));

    assert.deepEqual(codes, [0, 0]);
    assert.equal(await fs.readFile(builds, "utf8"), "x");
  });

  it("tells once that it waits for another process", async () => {
    let waits = 0;
    const name = path.join(folder(), "work");
    const order: string[] = [];

    await exclusively(name, async () => {
      order.push("first starts");
      const second = exclusively(
        name,
        () => Promise.resolve(order.push("second")),
        () => waits++,
      );
      await delay(50);
      order.push("first ends");
      return { second };
    }).then(({ second }) => second);

    assert.deepEqual(order, ["first starts", "first ends", "second"]);
    assert.equal(waits, 1);
  });

  it("says what to do when its folder cannot be made", async () => {
    await fs.writeFile(path.join(folder(), "file"), "");
    process.env.STUDENT_HELPER_CACHE = path.join(folder(), "file", "cache");

    await assert.rejects(
      cached("tool", [], () => Promise.resolve()),
      (error) => error instanceof StepError && /ENOTDIR/.test(error.reason) && /STUDENT_HELPER_CACHE/.test(error.next),
    );
  });

  it("takes sources for the same whatever their line endings and order are, and whether Python has run them", async () => {
    const write = async (name: string, lines: string): Promise<string> => {
      const to = path.join(folder(), name, "inner");
      await fs.mkdir(to, { recursive: true });
      await fs.writeFile(path.join(to, "b.go"), lines);
      await fs.writeFile(path.join(path.dirname(to), "a.go"), "package a");
      await fs.mkdir(path.join(to, "__pycache__"));
      await fs.writeFile(path.join(to, "__pycache__", `${name}.pyc`), "");
      return path.dirname(to);
    };

    const unix = await sources(await write("unix", "one\ntwo\n"));
    const windows = await sources(await write("windows", "one\r\ntwo\r\n"));

    assert.deepEqual(unix, ["a.go\npackage a", "inner/b.go\none\ntwo\n"]);
    assert.deepEqual(windows, unix);
  });
});
