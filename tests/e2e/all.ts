/**
 * `npm run test:e2e`: the end-to-end suites in groups, side by side, as most of their time is waiting for AWS. Each group has
 * a local system of its own. A line of output says which group it is of.
 */
import { spawn } from "child_process";
import * as path from "path";
import { showLabelled } from "../support/labelled";

/** A group: its settings for mocha, beside this file, and the name of its system. */
interface Group {
  readonly name: string;
  readonly config: string;
  readonly system: string;
}

const groups: readonly Group[] = [
  { name: "stack", config: ".mocharc.json", system: "e2e" },
  { name: "documents", config: "documents.mocharc.json", system: "e2e-documents" },
  { name: "interruptions", config: "interruptions.mocharc.json", system: "e2e-interruptions" },
];

async function runGroup({ name, config, system }: Group): Promise<number> {
  const mocha = require.resolve("mocha/bin/mocha.js");
  const child = spawn(process.execPath, [mocha, "--config", path.join(__dirname, config)], {
    cwd: path.resolve(__dirname, "../.."),
    env: { ...process.env, TEST_SYSTEM: system },
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
