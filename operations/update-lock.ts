/** Whether a stack is being updated, by what its backend keeps; an update that is killed leaves its lock. */
import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { StepError } from "../local/errors";
import { project } from "../local/stack-state";
import type { DeployedStack } from "./deployed-stack";
import { backendFolder, removeCutOffAttributes } from "./file-backend";
import { pulumiProbe } from "./pulumi";

/** The lock of an update that was killed. */
export interface DeadLock {
  readonly file: string;
  /** The process that ran the update. */
  readonly pid: number | undefined;
}

/** What Pulumi writes into a lock. */
interface LockContent {
  readonly pid?: number;
  readonly username?: string;
  readonly hostname?: string;
  readonly timestamp?: string;
}

/**
 * The locks that killed updates left. Of a backend in the cloud other than Pulumi's own only Pulumi itself sees them, and
 * says so as soon as something is to be changed.
 *
 * @throws StepError when an update runs, or may run.
 */
export async function deadLocks(stack: DeployedStack): Promise<DeadLock[]> {
  const backend = stack.pulumi.env.PULUMI_BACKEND_URL ?? (await loggedInTo(stack));
  const folder = backendFolder(backend);
  if (folder !== undefined) {
    const locks = await deadLocksIn(folder, stack);
    await removeCutOffAttributes(folder, stack.name);
    return locks;
  }
  if (/^https?:/.test(backend)) await refuseWhileUpdating(stack);
  return [];
}

/** Takes the locks away. */
export async function removeLocks(locks: readonly DeadLock[]): Promise<void> {
  // Not by `pulumi cancel`, which would take a lock, too, that somebody got meanwhile.
  for (const { file } of locks) {
    await fs.rm(file, { force: true });
    await fs.rm(`${file}.attrs`, { force: true });
  }
}

async function deadLocksIn(folder: string, { name }: DeployedStack): Promise<DeadLock[]> {
  const locks = path.join(folder, ".pulumi", "locks", "organization", project, name);
  // Beside each lock lies a file of its attributes.
  const files = (await fs.readdir(locks).catch(() => [])).filter((file) => file.endsWith(".json"));
  const found = await Promise.all(files.map((file) => deadLock(path.join(locks, file), name)));
  return found.filter((lock) => lock !== undefined);
}

/** A lock, if it belongs to an update that was killed; undefined if it was given back just now. */
async function deadLock(file: string, stackName: string): Promise<DeadLock | undefined> {
  const text = await fs.readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, username, hostname, timestamp } = parsed(text);
  if (pid === undefined) return { file, pid };
  const since = `since ${timestamp ?? "some time"}`;
  if (hostname !== undefined && hostname !== os.hostname()) {
    throw new StepError(
      `stack ${stackName} is locked by ${username}@${hostname} (process ${pid}) ${since}; nothing was changed.`,
      `wait for the update's end; if none runs there any more, \`pulumi cancel -s ${stackName}\` and run the command again.`,
    );
  }
  if (!(await isPulumi(pid))) return { file, pid };
  throw new StepError(
    `stack ${stackName} is being updated by process ${pid} ${since}; nothing was changed.`,
    "wait until that update has ended, then run the command again.",
  );
}

function parsed(text: string): LockContent {
  try {
    return JSON.parse(text) as LockContent;
  } catch {
    return {}; // Cut off while it was written.
  }
}

/** Whether a process runs Pulumi: its number may belong to another program by now. */
async function isPulumi(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const command = await fs.readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  // Where the system does not tell what runs, it is taken for the update.
  return command === undefined || path.basename(command.split("\0")[0] ?? "") === "pulumi";
}

/** Pulumi Cloud knows which of its stacks are being updated; it gives an update up whose CLI is silent for some time. */
async function refuseWhileUpdating(stack: DeployedStack): Promise<void> {
  const { stdout } = await pulumiProbe(stack, ["stack", "ls", "--json"]);
  const stacks = JSON.parse(stdout || "[]") as readonly { name: string; updateInProgress?: boolean }[];
  const busy = stacks.some(({ name, updateInProgress }) => updateInProgress && name.split("/").at(-1) === stack.name);
  if (!busy) return;
  throw new StepError(
    `Pulumi Cloud says that stack ${stack.name} is being updated; nothing was changed.`,
    `wait for the update's end; if it was killed, \`pulumi cancel -s ${stack.pulumiName}\` and run the command again.`,
  );
}

async function loggedInTo(stack: DeployedStack): Promise<string> {
  const { exitCode, stdout } = await pulumiProbe(stack, ["whoami", "--json"]);
  if (exitCode === 0) return (JSON.parse(stdout) as { url: string }).url;
  throw new StepError(
    "the Pulumi CLI is not there, or not logged in; nothing was changed.",
    "`pulumi login`, as usual.",
  );
}
