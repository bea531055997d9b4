import { explained, StepError } from "./errors";

/** When a step that still runs is first shown, and how often after that. */
const firstSign = 1_000;
const nextSigns = 30_000;

/**
 * Runs one step and shows it: a line with its time when it is done or has failed; before that, a line when it takes
 * longer than a second, and one more every 30 s. Steps may run side by side; every line names its step.
 *
 * @param title what is done, in a few words.
 * @param action the work; what it returns is handed on. A string given to `note` is shown behind the time.
 * @throws StepError which names the step, for what the action threw as one and for errors of the file system.
 * @example const go = await step("Go compiler", async (note) => { note("1.26.6"); return findGo(); });
 */
export async function step<T>(title: string, action: (note: (text: string) => void) => Promise<T>): Promise<T> {
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let detail = "";
  // A step of a warm start takes milliseconds: its first line would only be noise.
  const first = setTimeout(() => print(`  …  ${title}`), firstSign);
  const signs = setInterval(() => print(`  …  ${title}, ${elapsed().toFixed(0)} s so far`), nextSigns);
  try {
    const result = await action((text) => (detail = ` (${text})`));
    print(`  ok ${title}${detail}, ${elapsed().toFixed(1)} s`);
    return result;
  } catch (error) {
    print(`  !! ${title}, after ${elapsed().toFixed(1)} s`);
    const cause = explained(error);
    if (!(cause instanceof StepError) || cause.reason.startsWith(`${title}: `)) throw cause;
    throw new StepError(`${title}: ${cause.reason}`, cause.next, cause.logFile);
  } finally {
    clearTimeout(first);
    clearInterval(signs);
  }
}

/** Progress goes to standard error, so that a command's standard output is its result alone. */
export function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
