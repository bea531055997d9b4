import * as fs from "fs/promises";
import * as path from "path";
import { digest, exclusively } from "./cache";
import { writeWhole } from "./files";
import { cacheFolder } from "./folders";
import {
  type Daemon,
  ensureDaemon,
  isRunning,
  type ProcessRecord,
  runningProcess,
  stopDaemon,
  thisProcess,
} from "./processes";

/** What a system leaves with a shared process that it needs. */
interface Lease {
  /** The system's folder. */
  readonly instance: string;
  /** The process that brings the system up: the process is needed, even if nothing of the system runs yet. */
  readonly holder: ProcessRecord;
}

/** Where the records of processes are kept that the checkouts share: the Docker engine and BuildKit. */
export const sharedFolder = (): string => path.join(cacheFolder(), "daemons");

const leaseFolder = (name: string): string => path.join(sharedFolder(), `${name}.leases`);

/** Starts a process that the checkouts share, and notes that the system in `instance` needs it. */
export async function ensureSharedDaemon(daemon: Omit<Daemon, "folder">, instance: string): Promise<void> {
  const { name } = daemon;
  await exclusively(path.join(sharedFolder(), name), async () => {
    await fs.mkdir(leaseFolder(name), { recursive: true });
    const lease: Lease = { instance, holder: thisProcess() };
    writeWhole(path.join(leaseFolder(name), digest([instance])), JSON.stringify(lease));
    await ensureDaemon({ ...daemon, folder: sharedFolder() });
  });
}

/** Whether a shared process runs that one of the checkouts started. */
export async function isSharedDaemonRunning(name: string): Promise<boolean> {
  return (await runningProcess(sharedFolder(), name)) !== undefined;
}

/**
 * Notes that the system in `instance` no longer needs a shared process, and stops the process when nobody else does.
 *
 * @param isNeededBy tells whether the system in a folder still runs: a checkout that was deleted gives nothing back.
 * @param isUsedBeside tells whether the process serves others than systems: it runs on, and a later release may stop it.
 */
export async function releaseSharedDaemon(
  name: string,
  instance: string,
  isNeededBy: (instance: string) => Promise<boolean>,
  isUsedBeside: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  if (!(await isSharedDaemonRunning(name))) return;
  await exclusively(path.join(sharedFolder(), name), async () => {
    if (await isNeededByOthers(name, instance, isNeededBy)) {
      await fs.rm(path.join(leaseFolder(name), digest([instance])), { force: true });
      return;
    }
    await fs.rm(leaseFolder(name), { recursive: true, force: true });
    if (!(await isUsedBeside())) await stopDaemon(sharedFolder(), name);
  });
}

/**
 * Whether another system than the one in `instance` needs a shared process.
 *
 * @param isNeededBy tells whether the system in a folder still runs.
 */
export async function isNeededByOthers(
  name: string,
  instance: string,
  isNeededBy: (instance: string) => Promise<boolean>,
): Promise<boolean> {
  for (const entry of await fs.readdir(leaseFolder(name)).catch(() => [])) {
    const lease = await readLease(path.join(leaseFolder(name), entry));
    if (!lease || lease.instance === instance) continue;
    if (isRunning(lease.holder) || (await isNeededBy(lease.instance))) return true;
  }
  return false;
}

async function readLease(file: string): Promise<Lease | undefined> {
  try {
    return JSON.parse(await fs.readFile(file, "utf8")) as Lease;
  } catch {
    return undefined; // Not a lease.
  }
}
