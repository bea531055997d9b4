import { spawn } from "child_process";
import { readFileSync, writeFileSync } from "fs";
import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { StepError } from "./errors";

/** A background process that this project started: enough to know it again after a restart of the machine. */
interface ProcessRecord {
  readonly pid: number;
  /** When the process started, as the system tells it; a process that got the same number later has another time. */
  readonly started: string;
}

/** What a background process is and how it shows that it is ready. */
export interface Daemon {
  readonly name: string;
  /** Where its record and its log are kept. */
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Resolves to true as soon as the process serves. */
  readonly ready: () => Promise<boolean>;
  /** How long it may take until it is ready, in seconds. */
  readonly patience: number;
}

const recordFile = (folder: string, name: string): string => path.join(folder, `${name}.json`);
export const logFile = (folder: string, name: string): string => path.join(folder, `${name}.log`);

/**
 * Starts a background process that outlives this one, unless the one that an earlier call started still runs, and waits
 * until it is ready.
 *
 * @returns whether it was started now.
 * @throws StepError when the process ends or is not ready in time; it is stopped then.
 */
export async function ensureDaemon(daemon: Daemon): Promise<{ readonly started: boolean }> {
  const log = logFile(daemon.folder, daemon.name);
  let running = await runningProcess(daemon.folder, daemon.name);
  const started = running === undefined;
  if (running === undefined) {
    await fs.mkdir(daemon.folder, { recursive: true });
    const output = await fs.open(log, "w");
    const [file, ...args] = daemon.command;
    const child = spawn(file, args, {
      detached: true,
      windowsHide: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { ...process.env, ...daemon.env },
    });
    // Recorded before anything else happens, so that it is known even if this process is killed at the next moment.
    running = { pid: child.pid ?? 0, started: (child.pid && startTime(child.pid)) || "" };
    if (child.pid) writeFileSync(recordFile(daemon.folder, daemon.name), JSON.stringify(running));
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject)).catch(
      (error: Error) => {
        throw new StepError(`${file} could not be started (${error.message}).`, "look whether it is installed.", log);
      },
    );
    child.unref();
    await output.close();
  }
  const deadline = Date.now() + daemon.patience * 1000;
  while (!(await daemon.ready())) {
    const ended = startTime(running.pid) !== running.started;
    if (ended || Date.now() > deadline) {
      if (!ended) await stopDaemon(daemon.folder, daemon.name);
      throw new StepError(
        `${daemon.name} ${ended ? "ended at once" : `was not ready after ${daemon.patience} s`}: ${await lastLine(log)}`,
        "read its log, mend the cause and run the command again.",
        log,
      );
    }
    await delay(50);
  }
  return { started };
}

/** Stops a background process that this project started and forgets it; anything else is left alone. */
export async function stopDaemon(folder: string, name: string): Promise<boolean> {
  const running = await runningProcess(folder, name);
  if (running) {
    signal(running.pid, "SIGTERM");
    const deadline = Date.now() + 20_000;
    while (startTime(running.pid) === running.started) {
      if (Date.now() > deadline) signal(running.pid, "SIGKILL");
      await delay(50);
    }
  }
  await fs.rm(recordFile(folder, name), { force: true });
  return running !== undefined;
}

/** The process that an earlier call of {@link ensureDaemon} started, if it still runs. */
export async function runningProcess(folder: string, name: string): Promise<ProcessRecord | undefined> {
  const text = await fs.readFile(recordFile(folder, name), "utf8").catch(() => "");
  try {
    const record = JSON.parse(text) as ProcessRecord;
    return startTime(record.pid) === record.started ? record : undefined;
  } catch {
    return undefined; // No record, or one that was cut off while it was written.
  }
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
