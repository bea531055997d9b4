import { type ChildProcess, spawn } from "child_process";
import { readdirSync, readFileSync } from "fs";
import * as path from "path";

/** A start in processes of its own: Node.js, the Pulumi engine, its plugins. */
export class SeparateStart {
  /** How many changes of resources the engine has reported. */
  changes = 0;
  /** Everything that it printed. */
  output = "";
  private readonly child: ChildProcess;
  private readonly watchers = new Set<() => void>();
  private updating = false;

  constructor(instance: string, checkout: string) {
    const args = ["--require", require.resolve("tsx/cjs"), path.join(__dirname, "start.ts"), instance, checkout];
    // A group of its own, which is killed as one.
    this.child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      this.changes = this.output.match(/^ {7}[a-z-]+ [\w-]+:\S+ \S+$/gm)?.length ?? 0;
      this.updating = /^ {2}ok interrupted update/m.test(this.output);
      this.tell();
    });
    this.child.once("close", () => this.tell());
  }

  /** Whether it has ended; its exit code is 0 when all was well. */
  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  /** Waits until the update has begun. */
  async untilUpdating(): Promise<void> {
    await this.until(() => this.updating);
  }

  /** Waits until the engine has reported so many changes, or so many seconds of the update have passed. */
  async untilMoment(changes: number, seconds: number): Promise<void> {
    await this.untilUpdating();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.tell();
    }, seconds * 1000);
    await this.until(() => isOver || this.changes >= changes);
    clearTimeout(timer);
  }

  /** Waits until it has ended by itself. */
  async untilEnd(): Promise<void> {
    await this.until(() => false);
  }

  /**
   * Kills it with signal 9.
   *
   * @param withPlugins whether the engine's plugins die, too, as they do with a container; otherwise they live on, as they do
   * on anybody's machine, and finish what they are doing.
   */
  async kill(withPlugins: boolean): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined || this.ended) return;
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    const family = withPlugins ? descendants(pid) : [];
    // The engine is of the group; its plugins have groups of their own.
    for (const target of [-pid, ...family]) {
      try {
        process.kill(target, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await closed;
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.ended) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.watchers.delete(watcher);
          resolve();
        };
        this.watchers.add(watcher);
      });
    }
  }

  private tell(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** The processes that a process started, and those that they started. */
function descendants(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // Ended meanwhile.
  }
}
