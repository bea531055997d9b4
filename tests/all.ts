import { spawn, type ChildProcess } from "child_process";
import * as path from "path";
import { showLabelled } from "./support/labelled";

interface Suite {
  readonly name: string;
  readonly script: string;
  /** Finds the numbers of passed and failed tests in what the suite printed; unset: the suite is one check. */
  readonly counts?: { readonly passed: RegExp; readonly failed: RegExp };
  /** How what it prints is shown; unset: as it stands, for a suite that says in each line where it is from. */
  readonly show?: typeof showLabelled;
}

// Groups that run side by side name themselves in front.
const mocha = { passed: /^(?:\w+ +\|)?\s*(\d+) passing/gm, failed: /^(?:\w+ +\|)?\s*(\d+) failing/gm };
// The closing line of pytest and of `npm run test:toolchain`.
const closingLine = { passed: /(\d+) passed/g, failed: /(\d+) (?:failed|error)/g };

/** The suites, in rows that run side by side; the fast ones first. */
const rows: readonly (readonly Suite[])[] = [
  [
    { name: "types", script: "typecheck", show: showLabelled },
    { name: "lint", script: "lint", show: showLabelled },
    { name: "program", script: "test:program", counts: mocha, show: showLabelled },
    { name: "toolchain", script: "test:toolchain", counts: closingLine, show: showLabelled },
  ],
  [
    { name: "images", script: "test:images", counts: closingLine, show: showLabelled },
    { name: "end to end", script: "test:e2e", counts: mocha },
  ],
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

async function runSuite({ name, script, counts, show = showAsItStands }: Suite): Promise<Outcome> {
  process.stdout.write(`\n== ${name}: npm run ${script}\n`);
  const started = performance.now();
  const { exitCode, output } = await npmRun(script, (child) => show(child, name));
  const outcome = counts
    ? { passed: sum(output, counts.passed), failed: sum(output, counts.failed) }
    : { passed: exitCode === 0 ? 1 : 0, failed: 0 };
  // A suite that ended badly without naming a test, or that ran none, has failed all the same.
  const unexplained = outcome.failed === 0 && (exitCode !== 0 || outcome.passed === 0);
  const failed = outcome.failed + (unexplained ? 1 : 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`-- ${name}: ${outcome.passed} passed, ${failed} failed in ${seconds} s\n`);
  return { passed: outcome.passed, failed };
}

function showAsItStands({ stdout, stderr }: ChildProcess): void {
  stdout?.pipe(process.stdout, { end: false });
  stderr?.pipe(process.stderr, { end: false });
}

/** Runs a script of package.json, through the npm that runs this one. */
async function npmRun(
  script: string,
  show: (child: ChildProcess) => void,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const npm = process.env.npm_execpath;
  const [file, ...first] = npm ? [process.execPath, npm] : ["npm"];
  const child = spawn(file, [...first, "run", "--silent", script], {
    cwd: path.resolve(__dirname, ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  show(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

const sum = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** What `npm test` runs. Every suite runs, also after one that failed. */
async function all(): Promise<void> {
  const row = async (suites: readonly Suite[]): Promise<Outcome[]> => {
    const outcomes = [];
    for (const suite of suites) outcomes.push(await runSuite(suite));
    return outcomes;
  };
  const outcomes = (await Promise.all(rows.map(row))).flat();
  const total = (count: keyof Outcome): number => outcomes.reduce((sum, outcome) => sum + outcome[count], 0);
  process.stdout.write(`\n${total("passed")} passed, ${total("failed")} failed\n`);
  process.exitCode = total("failed") === 0 ? 0 : 1;
}

void all();
