import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { StepError } from "./errors";
import { type Daemon, ensureDaemon, isRunning, runningProcess, stopDaemon, thisProcess } from "./processes";
import { useTemporaryFolder } from "./testing/temporary-folder";

const name = "daemon";
const wait = "setTimeout(() => 0, 60000)";

describe("a background process", () => {
  const folder = useTemporaryFolder();

  /** A daemon of a line of JavaScript, which shows that it is ready by a file. */
  const daemon = (
    text = `require("fs").writeFileSync("ready", ""); ${wait}`,
    changes: Partial<Daemon> = {},
  ): Daemon => ({
    name,
    folder: folder(),
    command: [process.execPath, "-e", `process.chdir(${JSON.stringify(folder())}); ${text}`],
    ready: () =>
      fs.access(path.join(folder(), "ready")).then(
        () => true,
        () => false,
      ),
    patience: 20,
    ...changes,
  });
  const failure = async (failing: Daemon): Promise<StepError> =>
    ensureDaemon(failing).then(
      () => assert.fail("it did not fail"),
      (error: unknown) => (error instanceof StepError ? error : assert.fail(String(error))),
    );

  afterEach(() => stopDaemon(folder(), name));

  it("is started once and known again", async () => {
    const first = await ensureDaemon(daemon());
    const record = await runningProcess(folder(), name);
    const second = await ensureDaemon(daemon());

    assert.deepEqual([first.started, second.started], [true, false]);
    assert.deepEqual(await runningProcess(folder(), name), record);
  });

  it("is started anew after it ended", async () => {
    await ensureDaemon(daemon());
    const record = await runningProcess(folder(), name);
    process.kill(record!.pid, "SIGKILL");
    while (isRunning(record!)) await new Promise((resolve) => setTimeout(resolve, 5));

    const { started } = await ensureDaemon(daemon());

    assert.equal(started, true);
    assert.notEqual((await runningProcess(folder(), name))!.pid, record!.pid);
  });

  describe("that runs", () => {
    /** Starts one, then another, and tells whether there are two and which one runs then. */
    async function runsAfter(first: Daemon, second: Daemon): Promise<"first" | "second"> {
      await ensureDaemon(first);
      const record = (await runningProcess(folder(), name))!;
      const { started } = await ensureDaemon(second);
      assert.equal(isRunning(record), !started);
      return started ? "second" : "first";
    }
    const other = `${wait}; "of another command"`;

    it("is used while it is of the program that is asked for", async () => {
      const one = daemon(undefined, { program: ["1.0"] });

      assert.equal(await runsAfter(one, one), "first");
    });

    it("gives way to another program", async () => {
      const [one, next] = ["1.0", "1.1"].map((version) => daemon(undefined, { program: [version] })) as [
        Daemon,
        Daemon,
      ];

      assert.equal(await runsAfter(one, next), "second");
      assert.equal(await runsAfter(daemon(), next), "first"); // which is known again
    });

    it("gives way to another command of a known program", async () => {
      assert.equal(await runsAfter(daemon(undefined, { program: [] }), daemon(other, { program: [] })), "second");
    });

    it("gives way to none whose program is not known: it may hold data", async () => {
      assert.equal(await runsAfter(daemon(undefined, { program: ["1.0"] }), daemon(other)), "first");
    });
  });

  it("is not taken for another process that got its number, which is left alone", async () => {
    // This process has the number, and started at another time.
    const stale = { pid: process.pid, started: `${thisProcess().started}0` };
    await fs.writeFile(path.join(folder(), `${name}.json`), JSON.stringify(stale));

    assert.equal(await runningProcess(folder(), name), undefined);
    assert.equal(await stopDaemon(folder(), name), false); // and this test still runs
  });

  for (const [what, text] of [
    ["cut off", '{"pid":'],
    ["empty", ""],
    ["of another shape", "{}"],
  ] as const) {
    it(`does not run by a record that is ${what}`, async () => {
      await fs.writeFile(path.join(folder(), `${name}.json`), text);

      assert.equal(await runningProcess(folder(), name), undefined);
    });
  }

  it("that ends at once names the last thing it said, and its log", async () => {
    const error = await failure(daemon("console.log('starting'); console.error('the port is taken'); process.exit(1)"));

    assert.equal(error.reason, "daemon ended at once: the port is taken");
    assert.equal(error.logFile, path.join(folder(), "daemon.log"));
  });

  it("that ends for want of disk space asks for some", async () => {
    const error = await failure(daemon("console.error('mkdir x: no space left on device'); process.exit(1)"));

    assert.match(error.next, /^free some disk space/);
  });

  it("that ended does not count as ready, whoever answers in its place", async () => {
    const error = await failure(daemon("process.exit(1)", { ready: isEnded }));

    assert.match(error.reason, /ended at once: it printed nothing/);
  });

  it("that is not ready in time is stopped", async () => {
    const error = await failure(daemon(`console.log("waiting"); ${wait}`, { patience: 0.3 }));

    assert.equal(error.reason, "daemon was not ready after 0.3 s: waiting");
    assert.equal(await runningProcess(folder(), name), undefined);
  });

  it("that cannot be started is named", async () => {
    const error = await failure(daemon("", { command: ["/no/such/program"] }));

    assert.match(error.reason, /^\/no\/such\/program could not be started \(.*ENOENT/);
    assert.equal(await runningProcess(folder(), name), undefined);
  });

  it("that is stopped is gone, and its record with it", async () => {
    await ensureDaemon(daemon());
    const record = await runningProcess(folder(), name);

    const stopped = await stopDaemon(folder(), name);

    assert.equal(stopped, true);
    assert.equal(isRunning(record!), false);
    assert.equal(await stopDaemon(folder(), name), false);
  });

  it("that is stopped takes along what it started", async () => {
    const child = `spawn(process.execPath, ["-e", ${JSON.stringify(wait)}], { stdio: "ignore" }).pid`;
    const text = `require("fs").writeFileSync("ready", String(require("child_process").${child})); ${wait}`;
    await ensureDaemon(daemon(text));
    const pid = Number(await fs.readFile(path.join(folder(), "ready"), "utf8"));
    assert.ok(await runs(pid));

    await stopDaemon(folder(), name);

    const deadline = Date.now() + 5000;
    while (await runs(pid)) assert.ok(Date.now() < deadline, `process ${pid} still runs`);
  });

  /** Whether a process has not ended; one that nobody has asked about since is a zombie. */
  async function runs(pid: number): Promise<boolean> {
    const stat = await fs.readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  }

  /** Someone else answers as soon as the daemon has ended. */
  async function isEnded(): Promise<boolean> {
    return (await runningProcess(folder(), name)) === undefined;
  }
});
