import * as assert from "assert/strict";
import { spawn } from "child_process";
import * as fs from "fs/promises";
import * as path from "path";
import { exists, run } from "./commands";
import { StepError } from "./errors";
import { useTemporaryFolder } from "./testing/temporary-folder";

/** Runs a line of JavaScript as a program. */
const script = (text: string, options: { logFile?: string; source?: string; input?: string } = {}): Promise<string> =>
  run(process.execPath, ["-e", text], { next: "mend it.", ...options });

/** What a command's failure is told as. */
async function failure(command: Promise<unknown>): Promise<StepError> {
  const error = await command.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StepError, String(error));
  return error;
}

const isThere = (pid: number): Promise<boolean> =>
  fs.readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => !/\) Z /.test(stat),
    () => false,
  );

describe("a command", () => {
  const folder = useTemporaryFolder();

  it("returns its standard output alone", async () => {
    const output = await script("console.error('a warning'); console.log('a result')");

    assert.equal(output, "a result\n");
  });

  it("reads the input that it is given, or an empty one", async () => {
    const echo = "process.stdin.pipe(process.stdout)";

    assert.equal(await script(echo, { input: "a secret" }), "a secret");
    assert.equal(await script(echo), "");
  });

  it("need not read its input", async () => {
    assert.equal(await script("console.log('a result')", { input: "x".repeat(1_000_000) }), "a result\n");
  });

  it("names a program that is missing", async () => {
    const error = await failure(run("no-such-program", ["--version"], { next: "install it." }));

    assert.equal(error.message.split("\n")[0], "the program no-such-program was not found.");
    assert.equal(error.next, "install it.");
    assert.equal(await exists("no-such-program"), false);
    assert.equal(await exists(process.execPath), true);
  });

  it("that fails tells its exit code, its last lines and the next thing to do", async () => {
    const error = await failure(script("for (let i = 1; i <= 20; i++) console.log('line ' + i); process.exit(3)"));

    const [summary, ...lines] = error.reason.split("\n");
    assert.equal(
      summary,
      "`node -e for (let i = 1; i <= 20; i++) console.log('line ' + i); process.exit(3) …` ended with exit code 3.",
    );
    assert.deepEqual(
      lines,
      Array.from({ length: 12 }, (_, index) => `    line ${index + 9}`),
    );
    assert.equal(error.next, "mend it.");
  });

  it("that a signal ended says so", async () => {
    const error = await failure(script("process.kill(process.pid, 'SIGKILL')"));

    assert.match(error.reason, /was ended by a signal/);
  });

  it("keeps its whole output in its log", async () => {
    const logFile = path.join(folder(), "logs", "command.log");

    const error = await failure(script("console.error('the cause'); process.exit(1)", { logFile }));

    assert.equal(error.logFile, logFile);
    assert.match(await fs.readFile(logFile, "utf8"), /^\$ .*node -e .*\nthe cause\n\n$/);
  });

  it("asks for disk space when that is what is missing, whatever else it prints", async () => {
    const printed = "dial tcp: connection refused; write /tmp/x: no space left on device";

    const { next } = await failure(script(`console.error('${printed}'); process.exit(1)`, { source: "the proxy" }));

    assert.equal(next, "free some disk space, then run the command again: it goes on from here.");
  });

  it("takes a refused connection for the network's where it downloads something, and only there", async () => {
    const refused = "console.error('Connection refused'); process.exit(1)";

    assert.match(
      (await failure(script(refused, { source: "the proxy" }))).next,
      /^look at the network and at the proxy,/,
    );
    assert.equal((await failure(script(refused))).next, "mend it.");
  });

  it("takes a program that does not compile for no fault of the network", async () => {
    const printed = "./main.go:3:1: syntax error: non-declaration statement outside function body";

    const { next } = await failure(script(`console.error('${printed}'); process.exit(1)`, { source: "the proxy" }));

    assert.equal(next, "mend it.");
  });

  it("ends with the process that runs it", async () => {
    const pidFile = path.join(folder(), "pid");
    const child = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setTimeout(() => 0, 60000)`;
    const program = `
      const { existsSync } = require("fs");
      const { probe } = require(${JSON.stringify(path.join(__dirname, "commands.ts"))});
      void probe(process.execPath, ["-e", ${JSON.stringify(child)}]);
      setInterval(() => existsSync(${JSON.stringify(pidFile)}) && process.exit(0), 20);
    `;
    const parent = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "-e", program]);
    await new Promise((resolve) => parent.once("exit", resolve));

    const pid = Number(await fs.readFile(pidFile, "utf8"));
    for (let attempt = 0; attempt < 50 && (await isThere(pid)); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }

    assert.equal(await isThere(pid), false);
  });
});
