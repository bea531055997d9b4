import { type ChildProcess, spawn } from "child_process";
import * as fs from "fs/promises";
import * as path from "path";
import { remedy, StepError } from "./errors";

/** Added to this process' environment; `undefined` removes a variable. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a command is run and what its failure is told as. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Environment;
  /** What the program reads from its standard input; without it, there is none. */
  readonly input?: string;
  /** Where the whole output is appended. */
  readonly logFile?: string;
  /** What the reader does when the command fails for a reason of its own. */
  readonly next: string;
  /** What the command downloads from: where to look when its output says that the network failed. */
  readonly source?: string;
}

/** How a program ended. */
export interface Result {
  /** The exit code; undefined when a signal ended the program or it could not be started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** Standard output and standard error, as they came. */
  readonly all: string;
  /** Why the program could not be started, for example `ENOENT`. */
  readonly startError?: string;
}

// A program that outlived its caller would write into what the next run makes anew.
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill()));

/** Runs a program, without a shell, and tells how it ended, whatever that was. It ends with this process at the latest. */
export async function probe(
  file: string,
  args: readonly string[],
  options: Pick<CommandOptions, "cwd" | "env" | "input"> = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.env };
    const child = spawn(file, args, { cwd: options.cwd, env, windowsHide: true, stdio: ["pipe", "pipe", "pipe"] });
    running.add(child);
    // A program that ends without having read it tells why itself.
    child.stdin.on("error", () => undefined).end(options.input);
    const stdout: Buffer[] = [];
    const all: Buffer[] = [];
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");
    child.stdout.on("data", (chunk: Buffer) => (stdout.push(chunk), all.push(chunk)));
    child.stderr.on("data", (chunk: Buffer) => all.push(chunk));
    const end = (result: Result): void => {
      running.delete(child);
      resolve(result);
    };
    child.once("error", (error: NodeJS.ErrnoException) =>
      end({ exitCode: undefined, stdout: "", all: error.message, startError: error.code ?? error.message }),
    );
    child.once("close", (code) => end({ exitCode: code ?? undefined, stdout: text(stdout), all: text(all) }));
  });
}

/**
 * Runs a program, without a shell, and returns its standard output.
 *
 * @throws StepError with the last lines that the program printed, and what its reader does next.
 */
export async function run(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const result = await probe(file, args, options);
  const { logFile } = options;
  if (logFile) {
    await fs.mkdir(path.dirname(logFile), { recursive: true });
    await fs.appendFile(logFile, `$ ${[file, ...args].join(" ")}\n${result.all}\n`);
  }
  if (result.exitCode === 0) return result.stdout;
  const lines = result.all.split("\n").filter((line) => line.trim() !== "");
  throw new StepError(
    [summary(file, args, result), ...lines.slice(-12).map((line) => `    ${line}`)].join("\n"),
    remedy(result.all, options.next, options.source),
    logFile,
  );
}

/** Whether a program of this name can be started. */
export async function exists(file: string): Promise<boolean> {
  return (await probe(file, ["--version"])).startError === undefined;
}

/** The npm that runs this process, through Node.js: by its name alone, Windows does not find the script that it is there. */
export function npmCommand(): readonly [file: string, ...args: string[]] {
  const script = process.env.npm_execpath;
  return script ? [process.execPath, script] : ["npm"];
}

function summary(file: string, args: readonly string[], { exitCode, startError }: Result): string {
  if (startError === "ENOENT") return `the program ${file} was not found.`;
  const ended = startError ?? (exitCode === undefined ? "was ended by a signal" : `ended with exit code ${exitCode}`);
  return `\`${[path.basename(file), ...args.slice(0, 2)].join(" ")} …\` ${ended}.`;
}
