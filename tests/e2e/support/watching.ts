import { type ChildProcess, spawn } from "child_process";
import * as assert from "assert/strict";

/** `npm run watch` of a checkout whose local system runs. */
export class Watching {
  private output = "";
  /** Whether it has ended, and all that it printed is here. */
  private isOver = false;
  private readonly child: ChildProcess;

  constructor(checkout: string) {
    const command = ["--require", require.resolve("tsx/cjs"), "operations/watch/index.ts"];
    this.child = spawn(process.execPath, command, { cwd: checkout, stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.child.once("close", () => (this.isOver = true));
  }

  /** Waits for a line that was not waited for before, and returns it. */
  async line(pattern: RegExp, seconds = 60): Promise<string> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) {
        this.output = this.output.slice(found.index + found[0].length);
        return found[0];
      }
      assert.ok(!this.isOver, `it ended: ${this.output}`);
      assert.ok(Date.now() < deadline, `no ${String(pattern)} after ${seconds} s in ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  end(): void {
    this.child.kill();
  }
}
