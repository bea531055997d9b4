import * as assert from "assert/strict";
import * as path from "path";
import { probe } from "./commands";

const here = (name: string): string => JSON.stringify(path.join(__dirname, name));

/** Runs a command whose action is this line of JavaScript. */
const command = (action: string, ...args: string[]): ReturnType<typeof probe> =>
  probe(process.execPath, [
    ...["--require", require.resolve("tsx/cjs"), "-e"],
    `const { main } = require(${here("main.ts")});
     const { StepError } = require(${here("errors.ts")});
     main("npm run this: does it.", async () => { ${action} });`,
    ...["--", ...args],
  ]);

describe("a command of this project", () => {
  it("does its work and ends with exit code 0, whatever still runs", async () => {
    const { exitCode, all } = await command("setInterval(() => 0, 1000); console.log('done');");

    assert.deepEqual([exitCode, all], [0, "done\n"]);
  });

  it("explains itself and does nothing else", async () => {
    const { exitCode, all } = await command("console.log('done');", "--help");

    assert.deepEqual([exitCode, all], [0, "npm run this: does it.\n"]);
  });

  it("refuses an option that it does not know", async () => {
    const { exitCode, stdout, all } = await command("console.log('done');", "--hlep");

    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(all, /Unknown option '--hlep'.*\n\nnpm run this: does it\.\n$/s);
  });

  it("asks for an argument that it needs and did not get", async () => {
    const { exitCode, all } = await probe(process.execPath, [
      ...["--require", require.resolve("tsx/cjs"), "-e"],
      `require(${here("main.ts")}).main("npm run this: does it.", async () => 0, { parameters: ["FILE"] });`,
    ]);

    assert.deepEqual([exitCode, all], [2, "Give FILE.\n\nnpm run this: does it.\n"]);
  });

  it("gets its arguments and options", async () => {
    const { all } = await probe(process.execPath, [
      ...["--require", require.resolve("tsx/cjs"), "-e"],
      `require(${here("main.ts")}).main("", async (given) => console.log(JSON.stringify(given)), {
         parameters: ["FILE"], options: { stack: { type: "string" }, yes: { type: "boolean" } },
       });`,
      ...["--", "notes.md", "--stack", "dev", "--yes"],
    ]);

    assert.equal(all, `{"args":["notes.md"],"options":{"stack":"dev","yes":true}}\n`);
  });

  it("that fails says why, and what to do, without a stack trace", async () => {
    const { exitCode, stdout, all } = await command("throw new StepError('it broke.', 'mend it.', '/the/log');");

    assert.deepEqual([exitCode, stdout, all], [1, "", "\nit broke.\nNext: mend it.\nLog: /the/log\n"]);
  });

  it("that cannot write says where", async () => {
    const { exitCode, all } = await command(
      "throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });",
    );

    assert.equal(exitCode, 1);
    assert.match(all, /^\nENOSPC: no space left on device, write\.\nNext: free some disk space/);
  });

  it("that fails by a fault of its own shows where", async () => {
    const { exitCode, all } = await command("undefined.property;");

    assert.equal(exitCode, 1);
    assert.match(all, /TypeError: .*\n {4}at /);
    assert.match(all, /\nNext: run the command again;/);
  });

  it("ends on a signal, as one that was not finished", async () => {
    const { exitCode } = await command(
      "process.kill(process.pid, 'SIGTERM'); await new Promise((r) => setTimeout(r, 5000));",
    );

    assert.equal(exitCode, 143);
  });
});
