import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";

export const project = "student-helper";
export const stackName = "local";

/** The folder in which Pulumi keeps what it knows of a system's resources. */
export const stateFolder = (instance: string): string => path.join(instance, "pulumi-state");

/** Forgets what Pulumi knows of a system's resources: for when the emulator, and so all of them, is gone. */
export async function forgetStack(instance: string): Promise<void> {
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
}

/** What Pulumi's state file holds, as far as it is looked at. */
interface State {
  readonly checkpoint?: {
    readonly latest?: {
      readonly pending_operations?: readonly {
        readonly type: string;
        readonly resource: { readonly urn: string; readonly type: string };
      }[];
    };
  };
}

/**
 * The resources whose creation was under way when an update was killed. They may exist without Pulumi knowing how they
 * are called, and creating them again may fail, or make a second one.
 */
export async function halfMadeResources(instance: string): Promise<string[]> {
  const file = path.join(stateFolder(instance), ".pulumi", "stacks", project, `${stackName}.json`);
  const text = await fs.readFile(file, "utf8").catch(() => "{}");
  const { checkpoint } = JSON.parse(text) as State;
  return (
    (checkpoint?.latest?.pending_operations ?? [])
      // An image that is built and pushed once more is the same image.
      .filter(({ type, resource }) => type === "creating" && resource.type !== "docker-build:index:Image")
      .map(({ resource }) => `${resource.type} ${resource.urn.split("::").at(-1)}`)
  );
}

/**
 * Waits until an update that another process runs has ended, and takes its lock away if it was killed.
 *
 * An update that is killed leaves its lock, a file which names its process.
 *
 * @param onWait is called with the process' number before it is waited for.
 */
export async function clearDeadLocks(instance: string, onWait: (pid: number) => void): Promise<void> {
  const folder = path.join(stateFolder(instance), ".pulumi", "locks", "organization", project, stackName);
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const pid = await lockHolder(file);
    if (pid !== undefined && (await isPulumi(pid))) {
      onWait(pid);
      while (await isPulumi(pid)) await delay(200);
    }
    await fs.rm(file, { force: true });
  }
}

async function lockHolder(file: string): Promise<number | undefined> {
  try {
    return (JSON.parse(await fs.readFile(file, "utf8")) as { pid?: number }).pid;
  } catch {
    return undefined; // Released just now, or cut off while it was written.
  }
}

/** Whether a process runs Pulumi: a number may belong to another program by now. */
async function isPulumi(pid: number): Promise<boolean> {
  const command = await fs.readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return path.basename(command.split("\0")[0] ?? "") === "pulumi";
}
