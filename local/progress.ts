import { StepError } from "./errors";

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs one step and shows it: a line when it starts, a line with its time when it is done or has failed.
 * Steps may run side by side; every line names its step.
 *
 * @param title what is done, in a few words.
 * @param action the work; what it returns is handed on. A string given to `note` is shown behind the time.
 * @throws StepError which names the step, whatever the action threw.
 * @example const go = await step("Go compiler", async (note) => { note("1.26.6"); return findGo(); });
 */
export async function step<T>(title: string, action: (note: (text: string) => void) => Promise<T>): Promise<T> {
  const start = performance.now();
  let detail = "";
  // A step of a warm start takes milliseconds: its first line would only be noise.
  const announce = setTimeout(() => print(`  …  ${title}`), 1000);
  try {
    const result = await action((text) => (detail = ` (${text})`));
    print(`  ok ${title}${detail}, ${seconds(start)}`);
    return result;
  } catch (error) {
    print(`  !! ${title}, after ${seconds(start)}`);
    throw error instanceof StepError
      ? new StepError(
          error.reason.startsWith(`${title}: `) ? error.reason : `${title}: ${error.reason}`,
          error.next,
          error.logFile,
        )
      : error;
  } finally {
    clearTimeout(announce);
  }
}

/** Progress goes to standard error, so that a command's standard output is its result alone. */
export function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
