import { spawn, type ChildProcess } from "child_process";
import * as path from "path";
import { npmCommand } from "../local/commands";
import { showLabelled } from "./support/labelled";

interface Suite {
  readonly name: string;
  readonly script: string;
  /**
   * Finds the numbers of passed and failed tests in what the suite printed, and the lines that name those that failed;
   * unset: the suite is one check.
   */
  readonly report?: { readonly passed: RegExp; readonly failed: RegExp; readonly failures: RegExp };
}

// Groups that run side by side name themselves in front. A failure is named twice: where it happened by its own title, and
// in the end by that of its suite.
const mocha = {
  passed: /^(?:\w+ +\|)?\s*(\d+) passing/gm,
  failed: /^(?:\w+ +\|)?\s*(\d+) failing/gm,
  failures: /^(?:\w+ +\|)?\s+\d+\) \S.*$/gm,
};
// The closing line of pytest and of `npm run test:toolchain`.
const closingLine = {
  passed: /(\d+) passed/g,
  failed: /(\d+) (?:failed|error)/g,
  failures: /^(?:FAILED|ERROR|--- FAIL:) .+$/gm,
};

/** The fast suites, in rows that run side by side: what they do is computing, on one core each. */
const fast: readonly (readonly Suite[])[] = [
  [
    { name: "types", script: "typecheck" },
    { name: "lint", script: "lint" },
    { name: "program", script: "test:program", report: mocha },
    { name: "toolchain", script: "test:toolchain", report: closingLine },
  ],
  [{ name: "images", script: "test:images", report: closingLine }],
];

const endToEnd: Suite = { name: "end to end", script: "test:e2e", report: mocha };

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The lines of the output that say which. */
  readonly failures: readonly string[];
}

async function runSuite({ name, script, report }: Suite, show: typeof showLabelled): Promise<Outcome> {
  process.stdout.write(`\n== ${name}: npm run ${script}\n`);
  const started = performance.now();
  const { exitCode, output } = await npmRun(script, (child) => show(child, name));
  const passed = report ? sum(output, report.passed) : exitCode === 0 ? 1 : 0;
  const named = report ? sum(output, report.failed) : 0;
  // A suite that ended badly without naming a test, or that ran none, has failed all the same.
  const unexplained = named === 0 && (exitCode !== 0 || passed === 0);
  const failed = unexplained ? 1 : named;
  const failures = (report && output.match(report.failures)) ?? [];
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`-- ${name}: ${passed} passed, ${failed} failed in ${seconds} s\n`);
  return { passed, failed, failures: failed > 0 ? [`${name}:`, ...failures] : [] };
}

/** Runs a script of package.json, through the npm that runs this one. */
async function npmRun(
  script: string,
  show: (child: ChildProcess) => void,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const [file, ...first] = npmCommand();
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

/** What `npm test` runs: the fast suites first. Every suite runs, also after one that failed. */
async function all(): Promise<void> {
  const row = async (suites: readonly Suite[]): Promise<Outcome[]> => {
    const outcomes = [];
    for (const suite of suites) outcomes.push(await runSuite(suite, showLabelled));
    return outcomes;
  };
  const outcomes = (await Promise.all(fast.map(row))).flat();
  // Its groups label what they print.
  outcomes.push(
    await runSuite(endToEnd, ({ stdout, stderr }) => {
      stdout?.pipe(process.stdout, { end: false });
      stderr?.pipe(process.stderr, { end: false });
    }),
  );
  const total = (count: "passed" | "failed"): number => outcomes.reduce((sum, outcome) => sum + outcome[count], 0);
  const failures = outcomes.flatMap((outcome) => outcome.failures.map((line) => `${line}\n`));
  process.stdout.write(`\n${failures.join("")}${total("passed")} passed, ${total("failed")} failed\n`);
  process.exitCode = total("failed") === 0 ? 0 : 1;
}

void all();
