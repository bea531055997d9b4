/**
 * `npm run test:e2e`: the end-to-end suites in groups, side by side, as most of their time is waiting for AWS. Each group has
 * a local system of its own. A line of output says which group it is of.
 */
import { spawn } from "child_process";
import * as path from "path";
import { showLabelled } from "../support/labelled";

/**
 * The groups; what is in one, and how mocha runs it, is in `<group>.mocharc.json`. Suites that disturb each other are in one
 * group: the hostile files keep all processors busy, and connections.e2e.ts fails where nobody gets one to answer with.
 */
const groups = ["application", "changes", "readme", "runbook", "interruptions"] as const;

async function runGroup(name: (typeof groups)[number]): Promise<number> {
  const mocha = require.resolve("mocha/bin/mocha.js");
  const child = spawn(process.execPath, [mocha, "--config", path.join(__dirname, `${name}.mocharc.json`)], {
    cwd: path.resolve(__dirname, "../.."),
    env: { ...process.env, TEST_SYSTEM: `e2e-${name}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  showLabelled(child, name);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

async function all(): Promise<void> {
  const codes = await Promise.all(groups.map(runGroup));
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
}

void all();
