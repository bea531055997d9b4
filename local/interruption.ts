import { constants } from "os";
import { print } from "./progress";

/** Whether the first Ctrl+C is left to a program that ends in order by itself. */
let leftAlone = false;

/** Ends this process on a signal, with the programs that it runs; what was made so far is found by the next run. */
export function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (signal === "SIGINT" && leftAlone) {
        leftAlone = false;
        print("       interrupted: what is under way is finished first; Ctrl+C once more ends it at once");
        return;
      }
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/**
 * Runs an action through the first Ctrl+C: the terminal sends it to the Pulumi engine, too, which then starts nothing
 * new and writes down what it has done. Ended at once, it would lose sight of it.
 */
export async function untilInterruptedTwice<T>(action: () => Promise<T>): Promise<T> {
  leftAlone = true;
  try {
    return await action();
  } finally {
    leftAlone = false;
  }
}
