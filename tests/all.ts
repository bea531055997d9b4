import { spawn } from "child_process";
import * as path from "path";

/** What `npm test` runs: the fast suites first. Every suite runs, also after one that failed. */
interface Suite {
  readonly name: string;
  readonly script: string;
  /** Finds the numbers of passed and failed tests in what the suite printed; unset: the suite is one check. */
  readonly counts?: { readonly passed: RegExp; readonly failed: RegExp };
}

// Groups that run side by side name themselves in front.
const mocha = { passed: /^(?:\w+ +\|)?\s*(\d+) passing/gm, failed: /^(?:\w+ +\|)?\s*(\d+) failing/gm };
// The closing line of pytest and of `npm run test:toolchain`.
const closingLine = { passed: /(\d+) passed/g, failed: /(\d+) (?:failed|error)/g };

const suites: readonly Suite[] = [
  { name: "types", script: "typecheck" },
  { name: "lint", script: "lint" },
  { name: "program", script: "test:program", counts: mocha },
  { name: "images", script: "test:images", counts: closingLine },
  { name: "toolchain", script: "test:toolchain", counts: closingLine },
  { name: "end to end", script: "test:e2e", counts: mocha },
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

async function runSuite(suite: Suite): Promise<Outcome> {
  process.stdout.write(`\n== ${suite.name}: npm run ${suite.script}\n`);
  const started = performance.now();
  const { exitCode, output } = await npmRun(suite.script);
  const outcome = suite.counts
    ? { passed: sum(output, suite.counts.passed), failed: sum(output, suite.counts.failed) }
    : { passed: exitCode === 0 ? 1 : 0, failed: 0 };
  // A suite that ended badly without naming a test, or that ran none, has failed all the same.
  const unexplained = outcome.failed === 0 && (exitCode !== 0 || outcome.passed === 0);
  const failed = outcome.failed + (unexplained ? 1 : 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`-- ${suite.name}: ${outcome.passed} passed, ${failed} failed in ${seconds} s\n`);
  return { passed: outcome.passed, failed };
}

/** Runs a script of package.json, through the npm that runs this one, and shows its output while it comes. */
async function npmRun(script: string): Promise<{ readonly exitCode: number; readonly output: string }> {
  const npm = process.env.npm_execpath;
  const [file, ...first] = npm ? [process.execPath, npm] : ["npm"];
  const child = spawn(file, [...first, "run", "--silent", script], {
    cwd: path.resolve(__dirname, ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    process.stdout.write(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

const sum = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

async function all(): Promise<void> {
  const total = { passed: 0, failed: 0 };
  for (const suite of suites) {
    const outcome = await runSuite(suite);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

void all();
