import { parseArgs } from "util";
import { StepError } from "./errors";
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
  action().then(
    () => process.exit(0),
    (error: unknown) => {
      print(
        error instanceof StepError ? `\n${error.message}` : `\n${error instanceof Error ? error.stack : String(error)}`,
      );
      process.exit(1);
    },
  );
}
