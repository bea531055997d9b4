import * as fs from "fs/promises";
import * as path from "path";
import { digest, exclusively } from "./cache";
import { cacheFolder } from "./folders";
import { type Daemon, ensureDaemon, runningProcess, stopDaemon } from "./processes";

/** Where the records of processes are kept that the checkouts share: the Docker engine and BuildKit. */
export const sharedFolder = (): string => path.join(cacheFolder(), "daemons");

const leaseFolder = (name: string): string => path.join(sharedFolder(), `${name}.leases`);

/** Starts a process that the checkouts share, and notes that the system in `instance` needs it. */
export async function ensureSharedDaemon(daemon: Omit<Daemon, "folder">, instance: string): Promise<void> {
  const { name } = daemon;
  await exclusively(path.join(sharedFolder(), name), async () => {
    await fs.mkdir(leaseFolder(name), { recursive: true });
    await fs.writeFile(path.join(leaseFolder(name), digest([instance])), instance);
    await ensureDaemon({ ...daemon, folder: sharedFolder() });
  });
}

/**
 * Notes that the system in `instance` no longer needs a shared process, and stops the process when nobody else does.
 *
 * @param isNeededBy tells whether the system in a folder still runs: a checkout that was deleted gives nothing back.
 */
export async function releaseSharedDaemon(
  name: string,
  instance: string,
  isNeededBy: (instance: string) => Promise<boolean>,
): Promise<void> {
  if (!(await runningProcess(sharedFolder(), name))) return;
  await exclusively(path.join(sharedFolder(), name), async () => {
    await fs.rm(path.join(leaseFolder(name), digest([instance])), { force: true });
    for (const lease of await fs.readdir(leaseFolder(name)).catch(() => [])) {
      const file = path.join(leaseFolder(name), lease);
      if (await isNeededBy(await fs.readFile(file, "utf8"))) return;
      await fs.rm(file, { force: true });
    }
    await stopDaemon(sharedFolder(), name);
  });
}
