import type { ChildProcess } from "child_process";
import { createInterface } from "readline";

/** Shows what a process prints, while it comes, with a label before each line: it runs beside others. */
export function showLabelled({ stdout, stderr }: ChildProcess, label: string): void {
  for (const [from, to] of [
    [stdout, process.stdout],
    [stderr, process.stderr],
  ] as const) {
    if (from) createInterface(from).on("line", (line) => to.write(`${label.padEnd(13)} | ${line}\n`));
  }
}
