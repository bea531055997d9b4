import { parseArgs } from "util";
import { explained, StepError } from "./errors";
import { endOnSignals } from "./interruption";
import { print } from "./progress";

/**
 * Runs a command of this project: `--help` prints its text, a failure prints its cause and the next thing to do and ends
 * with exit code 1.
 */
export function main(help: string, action: () => Promise<void>): void {
  try {
    const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
    if (values.help) {
      process.stdout.write(`${help}\n`);
      return;
    }
  } catch (error) {
    print(`${(error as Error).message}\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  endOnSignals();
  action().then(
    () => process.exit(0),
    (error: unknown) => {
      const cause = explained(error);
      print(`\n${cause instanceof StepError ? cause.message : unexpected(cause)}`);
      process.exit(1);
    },
  );
}

const unexpected = (error: unknown): string =>
  `${error instanceof Error ? error.stack : String(error)}
Next: run the command again; if it fails in the same way, this is a fault of local/: report it with these lines.`;
