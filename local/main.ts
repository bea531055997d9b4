import { parseArgs, type ParseArgsConfig } from "util";
import { explained, StepError } from "./errors";
import { endOnSignals } from "./interruption";
import { print } from "./progress";

/** What was given to a command. */
export interface Given {
  /** The arguments, as many as the command has parameters. */
  readonly args: readonly string[];
  /** The options, by name without the dashes; true for one that takes no value. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
}

/** What a command takes beside `--help`. */
export interface Accepted {
  /** The names of its arguments, all of which must be given. */
  readonly parameters?: readonly string[];
  /** Its options, by name without the dashes: whether one takes a value. */
  readonly options?: Readonly<Record<string, { readonly type: "string" | "boolean" }>>;
}

/**
 * Runs a command of this project: `--help` prints its text, a failure prints its cause and the next thing to do and ends
 * with exit code 1.
 *
 * @param action is given the command's arguments and options.
 */
export function main(help: string, action: (given: Given) => Promise<void>, accepted: Accepted = {}): void {
  let given: Given | "help";
  try {
    given = parseCommandLine(accepted);
  } catch (error) {
    print(`${(error as Error).message}\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  if (given === "help") {
    process.stdout.write(`${help}\n`);
    return;
  }
  endOnSignals();
  action(given).then(
    () => process.exit(0),
    (error: unknown) => {
      const cause = explained(error);
      print(`\n${cause instanceof StepError ? cause.message : unexpected(cause)}`);
      process.exit(1);
    },
  );
}

/**
 * What the words of a command line give to a command, unless they ask for help.
 *
 * @param words unset: this process's own
 * @throws Error that says what is wrong with them
 */
export function parseCommandLine({ parameters = [], options }: Accepted, words?: readonly string[]): Given | "help" {
  const { values, positionals } = parseArgs({
    ...(words === undefined ? {} : { args: [...words] }),
    options: { ...options, help: { type: "boolean", short: "h" } } satisfies ParseArgsConfig["options"],
    allowPositionals: parameters.length > 0,
  });
  if (values.help === true) return "help";
  if (positionals.length !== parameters.length) throw new Error(`Give ${parameters.join(" ")}.`);
  return { args: positionals, options: values as Given["options"] };
}

const unexpected = (error: unknown): string =>
  `${error instanceof Error ? error.stack : String(error)}
Next: run the command again; if it fails in the same way, this is a fault of local/: report it with these lines.`;
