import * as assert from "assert/strict";
import { spawn } from "child_process";
import * as fs from "fs/promises";
import * as path from "path";
import { clearDeadLocks, forgetStack, halfMadeResources, stateFolder } from "./stack-state";
import { useTemporaryFolder } from "./testing/temporary-folder";

const urn = (type: string): string => `urn:pulumi:local::student-helper::student-helper:function:F$${type}::api`;
const pending = (operation: string, type: string): unknown => ({ type: operation, resource: { urn: urn(type), type } });

describe("the state of an update that was killed", () => {
  const instance = useTemporaryFolder();
  const pulumi = (): string => path.join(stateFolder(instance()), ".pulumi");
  const locks = (): string => path.join(pulumi(), "locks", "organization", "student-helper", "local");

  async function writeState(operations?: readonly unknown[]): Promise<void> {
    const folder = path.join(pulumi(), "stacks", "student-helper");
    await fs.mkdir(folder, { recursive: true });
    const state = { version: 3, checkpoint: { latest: { resources: [], pending_operations: operations } } };
    await fs.writeFile(path.join(folder, "local.json"), JSON.stringify(state));
  }

  async function writeLock(text: string): Promise<void> {
    await fs.mkdir(locks(), { recursive: true });
    await fs.writeFile(path.join(locks(), "0123.json"), text);
  }

  it("names the resources that may exist without Pulumi's knowledge", async () => {
    await writeState([
      pending("creating", "aws:lambda/function:Function"),
      pending("updating", "aws:lambda/alias:Alias"), // done once more
      pending("creating", "docker-build:index:Image"), // the same image once more
    ]);

    assert.deepEqual(await halfMadeResources(instance()), ["aws:lambda/function:Function api"]);
  });

  it("names none after an update that ended in order, or before the first", async () => {
    assert.deepEqual(await halfMadeResources(instance()), []);
    await writeState();
    assert.deepEqual(await halfMadeResources(instance()), []);
  });

  it("loses its lock", async () => {
    const ended = spawn(process.execPath, ["--version"]);
    await new Promise((resolve) => ended.once("exit", resolve));
    await writeLock(JSON.stringify({ pid: ended.pid }));

    await clearDeadLocks(instance(), () => assert.fail("nobody is waited for"));

    assert.deepEqual(await fs.readdir(locks()), []);
  });

  it("loses its lock also where another program has its number by now", async () => {
    await writeLock(JSON.stringify({ pid: process.pid }));

    await clearDeadLocks(instance(), () => assert.fail("this test is no Pulumi engine"));

    assert.deepEqual(await fs.readdir(locks()), []);
  });

  it("loses a lock that was cut off", async () => {
    await writeLock('{"pid":');

    await clearDeadLocks(instance(), () => assert.fail("nobody is waited for"));

    assert.deepEqual(await fs.readdir(locks()), []);
  });

  it("is left to an engine that still runs, until it has ended", async () => {
    const engine = spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)"], { argv0: "pulumi" });
    await new Promise((resolve) => engine.once("spawn", resolve));
    await writeLock(JSON.stringify({ pid: engine.pid }));
    const waitedFor: number[] = [];

    await clearDeadLocks(instance(), (pid) => {
      waitedFor.push(pid);
      engine.kill("SIGKILL");
    });

    assert.deepEqual(waitedFor, [engine.pid]);
    assert.deepEqual(await fs.readdir(locks()), []);
  });

  it("is forgotten as a whole", async () => {
    await writeState();

    await forgetStack(instance());

    assert.deepEqual(await fs.readdir(instance()), []);
  });
});
