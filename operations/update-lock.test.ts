import * as assert from "node:assert/strict";
import { spawn } from "child_process";
import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { useTemporaryFolder } from "../local/testing/temporary-folder";
import type { DeployedStack } from "./deployed-stack";
import { deadLocks, removeLocks } from "./update-lock";

describe("a stack's lock", () => {
  const folder = useTemporaryFolder();
  const locks = (): string => path.join(folder(), ".pulumi", "locks", "organization", "student-helper", "dev");
  const stack = (): DeployedStack => ({
    name: "dev",
    pulumiName: "dev",
    pulumi: { cwd: folder(), env: { PULUMI_BACKEND_URL: `file://${folder()}` } },
    aws: { region: "eu-central-1" },
  });

  async function writeLock(text: string): Promise<void> {
    await fs.mkdir(locks(), { recursive: true });
    await fs.writeFile(path.join(locks(), "0123.json"), text);
  }

  const lockOf = (pid: number | undefined, hostname = os.hostname()): string =>
    JSON.stringify({ pid, username: "ada", hostname, timestamp: "2026-01-02T03:04:05Z" });

  it("is not there without an update", async () => {
    assert.deepEqual(await deadLocks(stack()), []);
  });

  it("is dead once its process has ended, and is taken away", async () => {
    const ended = spawn(process.execPath, ["--version"]);
    await new Promise((resolve) => ended.once("exit", resolve));
    await writeLock(lockOf(ended.pid));

    const dead = await deadLocks(stack());
    await removeLocks(dead);

    assert.deepEqual(dead, [{ file: path.join(locks(), "0123.json"), pid: ended.pid }]);
    assert.deepEqual(await fs.readdir(locks()), []);
  });

  it("is dead where another program has its process' number by now", async () => {
    await writeLock(lockOf(process.pid));

    assert.equal((await deadLocks(stack())).length, 1);
  });

  it("is dead where it was cut off while it was written", async () => {
    await writeLock('{"pid":');

    assert.equal((await deadLocks(stack())).length, 1);
  });

  it("is respected while its update runs", async () => {
    const engine = spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)"], { argv0: "pulumi" });
    await new Promise((resolve) => engine.once("spawn", resolve));
    await writeLock(lockOf(engine.pid));

    try {
      await assert.rejects(deadLocks(stack()), {
        reason: `stack dev is being updated by process ${engine.pid} since 2026-01-02T03:04:05Z; nothing was changed.`,
        next: "wait until that update has ended, then run the command again.",
      });
    } finally {
      engine.kill("SIGKILL");
    }
  });

  it("is left to people where it is another machine's", async () => {
    await writeLock(lockOf(7, "elsewhere"));

    await assert.rejects(deadLocks(stack()), {
      reason: "stack dev is locked by ada@elsewhere (process 7) since 2026-01-02T03:04:05Z; nothing was changed.",
      next: "wait for the update's end; if none runs there any more, `pulumi cancel -s dev` and run the command again.",
    });
  });
});
