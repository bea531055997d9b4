import * as assert from "assert/strict";
import { spawn } from "child_process";
import { once } from "events";
import * as path from "path";
import { ensureSharedDaemon, isSharedDaemonRunning, releaseSharedDaemon, sharedFolder } from "./leases";
import { runningProcess, stopDaemon } from "./processes";
import { useTemporaryFolder } from "./testing/temporary-folder";

const name = "shared";
const daemon = {
  name,
  command: [process.execPath, "-e", "setTimeout(() => 0, 60000)"] as const,
  ready: () => Promise.resolve(true),
  patience: 20,
};

describe("a shared process", () => {
  const folder = useTemporaryFolder();

  /** The folders of the systems that run. */
  let running: readonly string[];
  const release = (instance: string, isUsedBeside?: () => Promise<boolean>): Promise<void> =>
    releaseSharedDaemon(name, instance, (other) => Promise.resolve(running.includes(other)), isUsedBeside);

  /** Lets another process, which has ended when this returns, take a lease: as `npm start` does. */
  async function leaseOf(instance: string): Promise<void> {
    const text = `
      const { ensureSharedDaemon } = require(${JSON.stringify(path.join(__dirname, "leases.ts"))});
      const daemon = { ...${JSON.stringify(daemon)}, ready: () => Promise.resolve(true) };
      void ensureSharedDaemon(daemon, ${JSON.stringify(instance)}).then(() => process.exit(0));
    `;
    const child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "-e", text]);
    assert.deepEqual((await once(child, "exit"))[0], 0);
  }

  beforeEach(() => (running = []));
  afterEach(() => stopDaemon(sharedFolder(), name));

  it("is started by the first system, and used by the second", async () => {
    await ensureSharedDaemon(daemon, "/one");
    const record = await runningProcess(sharedFolder(), name);

    await ensureSharedDaemon(daemon, "/two");

    assert.deepEqual(await runningProcess(sharedFolder(), name), record);
    assert.ok(sharedFolder().startsWith(folder()));
  });

  it("runs on while another system needs it, and ends with the last one", async () => {
    await leaseOf("/one");
    await leaseOf("/two");
    running = ["/two"];

    await release("/one");
    assert.equal(await isSharedDaemonRunning(name), true);

    await release("/two");
    assert.equal(await isSharedDaemonRunning(name), false);
  });

  it("ends although a checkout that was deleted never gave it back", async () => {
    await leaseOf("/deleted");
    await leaseOf("/one");

    await release("/one");

    assert.equal(await isSharedDaemonRunning(name), false);
  });

  it("runs on while another system is being started", async () => {
    await ensureSharedDaemon(daemon, "/starting"); // by this process, which still runs

    await release("/one");

    assert.equal(await isSharedDaemonRunning(name), true);
  });

  it("runs on while others than systems use it, and ends with a later release", async () => {
    await leaseOf("/one");

    await release("/one", () => Promise.resolve(true));
    assert.equal(await isSharedDaemonRunning(name), true);

    await release("/one", () => Promise.resolve(false));
    assert.equal(await isSharedDaemonRunning(name), false);
  });

  it("that nobody started is nothing to give back", async () => {
    await release("/one");

    assert.equal(await isSharedDaemonRunning(name), false);
  });
});
