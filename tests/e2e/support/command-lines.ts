import { readdirSync, readFileSync } from "fs";

/** A command of Pulumi's CLI takes longer. */
const everyMilliseconds = 150;

/** The command lines of all processes of the machine, from when it is made until it is asked. */
export class CommandLines {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), everyMilliseconds).unref();

  constructor() {
    this.look();
  }

  /** Ends the watch, and returns what was seen. */
  end(): string {
    clearInterval(this.timer);
    this.look();
    return [...this.seen].join("\n");
  }

  private look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        this.seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch (error) {
        // The process has ended meanwhile.
        if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
  }
}
