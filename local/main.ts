import { parseArgs } from "util";
import { explained, StepError } from "./errors";
import { endOnSignals } from "./interruption";
import { print } from "./progress";

/**
 * Runs a command of this project: `--help` prints its text, a failure prints its cause and the next thing to do and ends
 * with exit code 1.
 *
 * @param action is given the command's arguments.
 * @param parameters the names of the arguments, all of which must be given.
 */
export function main(
  help: string,
  action: (args: readonly string[]) => Promise<void>,
  parameters: readonly string[] = [],
): void {
  let args: readonly string[];
  try {
    const options = { help: { type: "boolean", short: "h" } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: parameters.length > 0 });
    if (values.help) {
      process.stdout.write(`${help}\n`);
      return;
    }
    args = positionals;
    if (args.length !== parameters.length) throw new Error(`Give ${parameters.join(" ")}.`);
  } catch (error) {
    print(`${(error as Error).message}\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  endOnSignals();
  action(args).then(
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
