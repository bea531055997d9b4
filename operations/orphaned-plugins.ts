/** Plugins that an engine started and did not end, as it was killed: they may still be in the middle of a call. */
import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { connectionError } from "../local/connections";
import type { DeployedStack } from "./deployed-stack";

/**
 * Ends the plugins whose engine is gone, with the programs that they started, so that nothing is made any more while one
 * looks. Only Linux tells what its processes are: elsewhere plugins end by themselves, when they notice.
 *
 * @param wasKilled whether an engine of the stack was killed: a plugin that is kept running may then be at work for it.
 */
export async function endOrphanedPlugins({ pulumi }: DeployedStack, wasKilled: boolean): Promise<void> {
  const home = pulumi.env.PULUMI_HOME ?? process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
  const processes = await runningProcesses();
  for (const { pid, command } of processes) {
    const [program = "", engine] = command;
    if (!program.startsWith(path.join(home, "plugins") + path.sep)) continue;
    // One that is kept running was given no engine; engines attach to it (local/aws-plugin.ts).
    if (!(engine === undefined ? wasKilled : await isGone(engine))) continue;
    const family = [pid, ...descendants(pid, processes)];
    family.forEach(kill);
    while ((await runningProcesses()).some((other) => family.includes(other.pid))) await delay(50);
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The program and its arguments; empty for one that has ended and whose parent does not know yet. */
  readonly command: readonly string[];
}

async function runningProcesses(): Promise<Process[]> {
  const pids = (await fs.readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => fs.readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
      const [command, stat] = await Promise.all([read("cmdline"), read("stat")]);
      // Behind the name in parentheses, which may hold blanks, come the state and the parent (proc(5)).
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return { pid: Number(pid), parent, command: command.split("\0").slice(0, -1) };
    }),
  );
  return found.filter(({ command }) => command.length > 0);
}

function descendants(pid: number, processes: readonly Process[]): number[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid, processes)]);
}

/** Whether nobody listens any more at the address that a plugin was given: `127.0.0.1:40123`. */
async function isGone(engine: string): Promise<boolean> {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(engine) ?? [];
  if (host === undefined) return false;
  return (await connectionError(host, Number(port))) === "ECONNREFUSED";
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
