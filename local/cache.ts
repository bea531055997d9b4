import { createHash, randomBytes } from "crypto";
import * as fs from "fs/promises";
import * as path from "path";
import { lock, type LockOptions } from "proper-lockfile";
import { freeDiskSpace, StepError } from "./errors";
import { isFolder } from "./files";
import { cacheFolder } from "./folders";

/** A folder in the user's cache, and whether this call made it. */
export interface Cached {
  readonly folder: string;
  readonly built: boolean;
}

/** How long a folder of other inputs is kept that no checkout asks for. */
const daysKept = 30;

/**
 * Makes a folder once for all checkouts and returns it: built under another name and renamed when complete, so that a
 * build that was killed leaves nothing that looks finished. A second process that wants the same folder waits. A build
 * removes what others of the same name left that were killed, and what they made that nobody has used for long.
 *
 * @param name what the folder holds, for example `pulumi`.
 * @param inputs everything that the content depends on: versions, source texts. They become the folder's key.
 * @param build fills the empty folder that it is given.
 */
export async function cached(
  name: string,
  inputs: readonly string[],
  build: (folder: string) => Promise<void>,
): Promise<Cached> {
  const folder = path.join(cacheFolder(), `${name}-${digest(inputs)}`);
  if (await isThere(folder)) return { folder, built: false };
  await fs.mkdir(cacheFolder(), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new StepError(
      `the cache folder ${cacheFolder()} cannot be made (${error.code}).`,
      "make it writable, or name another one in STUDENT_HELPER_CACHE.",
    );
  });
  const result = await exclusively(folder, async () => {
    if (await isThere(folder)) return { folder, built: false };
    await removeUnfinished(folder);
    const unfinished = unfinishedName(folder);
    try {
      // What a build writes may be writable by all, as BuildKit's archives are; nobody else gets there.
      await fs.mkdir(unfinished, { mode: 0o700 });
      await build(unfinished);
      await fs.rename(unfinished, folder);
    } catch (error) {
      const full = await isDiskFull();
      await removeUnfinished(folder);
      throw full && error instanceof StepError ? new StepError(error.reason, freeDiskSpace, error.logFile) : error;
    }
    return { folder, built: true };
  });
  if (result.built) await removeUnused(name);
  return result;
}

/** Whether a folder is there: it counts as used now. */
async function isThere(folder: string): Promise<boolean> {
  const now = new Date();
  // A cache that this user may only read serves all the same.
  await fs.utimes(folder, now, now).catch(() => undefined);
  return isFolder(folder);
}

/** A name of its own for each build: a program that a killed build left behind may still write into the earlier one. */
const unfinishedName = (folder: string): string => `${folder}.${randomBytes(4).toString("hex")}.unfinished`;

/** Whether the cache's disk has less than 20 MB left: not every program says that this is what stopped it. */
async function isDiskFull(): Promise<boolean> {
  const { bavail, bsize } = await fs.statfs(cacheFolder());
  return bavail * bsize < 20_000_000;
}

/** Removes what builds of a folder left that failed or were killed. */
async function removeUnfinished(folder: string): Promise<void> {
  const left = (await fs.readdir(path.dirname(folder))).filter(
    (name) => name.startsWith(`${path.basename(folder)}.`) && name.endsWith(".unfinished"),
  );
  for (const name of left) {
    await fs.rm(path.join(path.dirname(folder), name), { recursive: true, force: true }).catch(() => {
      // It is still written into; a later build removes it.
    });
  }
}

/** Removes what builds of a name left that were killed, and what they made that nobody uses any more. */
async function removeUnused(name: string): Promise<void> {
  const ofThisName = new RegExp(`^(${name}-[0-9a-f]{16})(?:\\.[0-9a-f]{8}\\.unfinished)?$`);
  const keys = (await fs.readdir(cacheFolder())).flatMap((entry) => ofThisName.exec(entry)?.[1] ?? []);
  for (const key of new Set(keys)) {
    const folder = path.join(cacheFolder(), key);
    const release = await take(folder, 0).catch(() => undefined);
    if (!release) continue; // It is being built.
    // In one step, so that nobody takes the half of it for all.
    if (await isUnused(folder)) await fs.rename(folder, unfinishedName(folder)).catch(() => undefined);
    await removeUnfinished(folder);
    await release();
  }
}

/** Whether no checkout has asked for a folder for long, and no process runs from it. */
async function isUnused(folder: string): Promise<boolean> {
  const used = await fs.stat(folder).catch(() => undefined);
  if (!used || Date.now() - used.mtimeMs < daysKept * 24 * 3_600_000) return false;
  for (const entry of await fs.readdir("/proc").catch(() => [])) {
    const commandLine = await fs.readFile(path.join("/proc", entry, "cmdline"), "utf8").catch(() => "");
    if (commandLine.includes(folder + path.sep)) return false;
  }
  return true;
}

/** Takes the lock of a file or folder name. Its holder renews it every 5 s; a killed one's is taken over after 15 s. */
const take = (name: string, retries: LockOptions["retries"]): Promise<() => Promise<void>> =>
  lock(name, { realpath: false, stale: 15_000, update: 5_000, retries });

/**
 * Runs an action while no other process runs one for the same file or folder name.
 *
 * @param onWait is called once if another process is at it.
 */
export async function exclusively<T>(name: string, action: () => Promise<T>, onWait?: () => void): Promise<T> {
  await fs.mkdir(path.dirname(name), { recursive: true });
  const release = await take(name, 0).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ELOCKED") throw error;
    onWait?.();
    return take(name, { forever: true, factor: 1, minTimeout: 200, maxTimeout: 200 });
  });
  try {
    return await action();
  } finally {
    await release();
  }
}

/** A short name for a list of texts: other texts, other name. */
export function digest(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16);
}

/** The contents and names of files below a folder, but for Python's bytecode: the inputs of what is built from them. */
export async function sources(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && path.basename(entry.parentPath) !== "__pycache__")
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      const name = path.relative(folder, file).split(path.sep).join("/");
      return `${name}\n${(await fs.readFile(file, "utf8")).replaceAll("\r\n", "\n")}`;
    }),
  );
}
