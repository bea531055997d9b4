import * as assert from "node:assert/strict";
import { type ChildProcess, spawn } from "child_process";
import * as fs from "fs/promises";
import * as net from "net";
import * as path from "path";
import { useTemporaryFolder } from "../local/testing/temporary-folder";
import type { DeployedStack } from "./deployed-stack";
import { endOrphanedPlugins } from "./orphaned-plugins";

describe("a plugin", () => {
  const home = useTemporaryFolder();
  const stack = (): DeployedStack => ({
    name: "dev",
    pulumiName: "dev",
    pulumi: { cwd: home(), env: { PULUMI_HOME: home() } },
    aws: { region: "eu-central-1" },
  });

  /** Starts a program in the place of a plugin, with its engine's address if it has one, and waits until it runs. */
  async function startPlugin(engine?: string): Promise<ChildProcess> {
    const folder = path.join(home(), "plugins", "resource-aws-v7.48.0");
    const program = path.join(folder, "pulumi-resource-aws");
    await fs.mkdir(folder, { recursive: true });
    await fs.symlink(process.execPath, program);
    const code = "setTimeout(() => 0, 60000); process.stdout.write('runs');";
    // Node.js takes the address for a file's name, and without one reads the program from its input.
    if (engine !== undefined) await fs.writeFile(path.join(folder, engine), code);
    const args = engine === undefined ? [] : [engine];
    const plugin = spawn(program, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    plugin.stdin.end(code);
    await new Promise((resolve) => plugin.stdout.once("data", resolve));
    return plugin;
  }

  /** An engine that listens, and its address. */
  async function startEngine(): Promise<{ readonly server: net.Server; readonly address: string }> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { server, address: `127.0.0.1:${(server.address() as net.AddressInfo).port}` };
  }

  it("is ended once its engine is gone", async () => {
    const { server, address } = await startEngine();
    const plugin = await startPlugin(address);
    await new Promise((resolve) => server.close(resolve));
    const ended = new Promise((resolve) => plugin.once("exit", (_, signal) => resolve(signal)));

    await endOrphanedPlugins(stack(), false);

    assert.equal(await ended, "SIGKILL");
  });

  it("that is kept running is ended if an update was killed, for which it may be at work", async () => {
    const plugin = await startPlugin();
    const ended = new Promise((resolve) => plugin.once("exit", (_, signal) => resolve(signal)));

    await endOrphanedPlugins(stack(), true);

    assert.equal(await ended, "SIGKILL");
  });

  it("that is kept running is left alone otherwise", async () => {
    const plugin = await startPlugin();

    await endOrphanedPlugins(stack(), false);

    assert.deepEqual([plugin.exitCode, plugin.signalCode], [null, null]);
    plugin.kill("SIGKILL");
  });

  it("is left alone while its engine runs", async () => {
    const { server, address } = await startEngine();
    const plugin = await startPlugin(address);

    await endOrphanedPlugins(stack(), false);

    assert.deepEqual([plugin.exitCode, plugin.signalCode], [null, null]);
    plugin.kill("SIGKILL");
    server.close();
  });
});
