import { spawn } from "child_process";
import { readFileSync } from "fs";
import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { digest } from "./cache";
import { remedy, StepError } from "./errors";
import { writeWhole } from "./files";

/** Enough of a process to know it again, also after a restart of the machine. */
export interface ProcessRecord {
  readonly pid: number;
  /** When the process started, as the system tells it; a process that got the same number later has another time. */
  readonly started: string;
  /** Of a background process whose program is known: a short name for it, see {@link Daemon.program}. */
  readonly program?: string;
}

/** What a background process is and how it shows that it is ready. */
export interface Daemon {
  readonly name: string;
  /** Where its record and its log are kept. */
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * What the command runs, where that is not its own name alone: source texts, or where a link leads to. A process of
   * another program or command is then stopped and started anew. Unset: whatever runs is used, as it holds data or
   * serves others, too.
   */
  readonly program?: readonly string[];
  /** Resolves to true as soon as the process serves. */
  readonly ready: () => Promise<boolean>;
  /** How long it may take until it is ready, in seconds. */
  readonly patience: number;
}

const recordFile = (folder: string, name: string): string => path.join(folder, `${name}.json`);
export const logFile = (folder: string, name: string): string => path.join(folder, `${name}.log`);

/**
 * Starts a background process that outlives this one, unless the one that an earlier call started still runs, and waits
 * until it is ready. One of another {@link Daemon.program} gives way to it.
 *
 * @returns whether it was started now.
 * @throws StepError when the process ends or is not ready in time; it is stopped then.
 */
export async function ensureDaemon(daemon: Daemon): Promise<{ readonly started: boolean }> {
  const { folder, name } = daemon;
  if (daemon.program && (await runningProcess(folder, name))?.program !== programOf(daemon)) {
    await stopDaemon(folder, name);
  }
  const running = await runningProcess(folder, name);
  await waitUntilReady(daemon, running ?? (await start(daemon)));
  return { started: running === undefined };
}

const programOf = ({ command, program }: Daemon): string | undefined => program && digest([...command, ...program]);

async function start(daemon: Daemon): Promise<ProcessRecord> {
  const { name, folder, command, env } = daemon;
  const log = logFile(folder, name);
  await fs.mkdir(folder, { recursive: true });
  const output = await fs.open(log, "w");
  const [file, ...args] = command;
  try {
    const child = spawn(file, args, {
      detached: true,
      windowsHide: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { ...process.env, ...env },
    });
    // Recorded before anything else happens, so that it is known even if this process is killed at the next moment.
    const started = (child.pid && startTime(child.pid)) || "";
    const record = { pid: child.pid ?? 0, started, program: programOf(daemon) };
    if (child.pid) writeWhole(recordFile(folder, name), JSON.stringify(record));
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    return record;
  } catch (error) {
    throw new StepError(`${file} could not be started (${(error as Error).message}).`, "look whether it is installed.");
  } finally {
    await output.close();
  }
}

async function waitUntilReady(daemon: Daemon, running: ProcessRecord): Promise<void> {
  const { name, folder, patience } = daemon;
  const deadline = Date.now() + patience * 1000;
  // The process itself must run, too: what answers in its place may be someone else's.
  while (!(await daemon.ready()) || !isRunning(running)) {
    const ended = !isRunning(running);
    if (ended || Date.now() > deadline) {
      if (!ended) await stopDaemon(folder, name);
      const log = logFile(folder, name);
      const last = await lastLine(log);
      throw new StepError(
        `${name} ${ended ? "ended at once" : `was not ready after ${patience} s`}: ${last}`,
        remedy(last, "read its log, mend the cause and run the command again."),
        log,
      );
    }
    await delay(50);
  }
}

/**
 * Stops a background process that this project started, and what that started, and forgets it; else leaves all alone.
 *
 * @param first the signal to end by, so that it can end in order where it matters; after 20 s it is killed.
 */
export async function stopDaemon(folder: string, name: string, first: NodeJS.Signals = "SIGTERM"): Promise<boolean> {
  const running = await runningProcess(folder, name);
  if (running) {
    signal(running.pid, first);
    const deadline = Date.now() + 20_000;
    while (isRunning(running)) {
      if (Date.now() > deadline) signal(running.pid, "SIGKILL");
      await delay(50);
    }
    // It led a process group of its own: what did not end with it, such as the program behind a plugin.
    signal(-running.pid, "SIGKILL");
  }
  await fs.rm(recordFile(folder, name), { force: true });
  return running !== undefined;
}

/** The process that an earlier call of {@link ensureDaemon} started, if it still runs. */
export async function runningProcess(folder: string, name: string): Promise<ProcessRecord | undefined> {
  const text = await fs.readFile(recordFile(folder, name), "utf8").catch(() => "");
  try {
    const record = JSON.parse(text) as ProcessRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined; // No record, or one that was cut off while it was written.
  }
}

/** This process' own record. */
export const thisProcess = (): ProcessRecord => ({ pid: process.pid, started: startTime(process.pid) ?? "" });

/** Whether a process still runs; another one that got its number is not taken for it. */
export function isRunning({ pid, started }: ProcessRecord): boolean {
  const now = startTime(pid);
  return now !== undefined && now === started;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** When a process started, in clock ticks since this boot, with the boot's id; undefined where there is none, or a zombie. */
function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name in parentheses may hold blanks; behind it, field 3 is the state and field 22 the start time (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z") return undefined;
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  return `${boot.trim()}/${fields[19]}`;
}

async function lastLine(file: string): Promise<string> {
  const text = await fs.readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").at(-1) || "it printed nothing.";
}
