import * as fs from "fs/promises";
import * as path from "path";
import { functions } from "../../functions";
import { copyCheckout } from "../../tests/e2e/support/checkout-copy";
import { type Figure, growth, repeated } from "../figures";
import { type ProgramRun, runProgram } from "../program";

/** How many functions the program is given: with fewer, its memory is that of its start. */
const sizes = [12, 24, 48, 96];

/** What the program costs by itself, for one of the cloud's stacks, and how that grows with the number of functions. */
export async function program(folder: string, runs: number): Promise<Figure[]> {
  const checkout = await copyCheckout(path.join(folder, "growth"));
  const registry = path.join(checkout, "functions.ts");
  const original = await fs.readFile(registry, "utf8");
  const load = await repeated(runs, async () => (await runProgram(checkout, "prod")).loadSeconds);
  const grown: (readonly [size: number, runs: readonly ProgramRun[]])[] = [];
  for (const size of sizes) {
    await fs.writeFile(registry, withFunctions(original, size - Object.keys(functions).length));
    const all: ProgramRun[] = [];
    for (let time = 0; time < runs; time++) all.push(await runProgram(checkout, "prod"));
    grown.push([size, all]);
  }
  const each = (value: (run: ProgramRun) => number): (readonly [size: number, values: readonly number[]])[] =>
    grown.map(([size, all]) => [size, all.map(value)]);
  const seconds = each(({ runSeconds }) => runSeconds);
  const mebibytes = each((run) => run.mebibytes);
  return [
    { what: "loading the program, without the CLI (prod)", unit: "s", values: load, goal: { most: 1 } },
    ...growth("running the program", "s", "functions", seconds),
    ...growth("memory of the program", "MiB", "functions", mebibytes),
  ];
}

/** The registry with more functions, each like the analyzer, under another name. */
function withFunctions(registry: string, more: number): string {
  const entry = /\n {2}analyzer: \{[\s\S]*?\n {2}\},/.exec(registry)?.[0];
  if (entry === undefined) throw new Error("functions.ts has no entry analyzer to make more of");
  const entries = Array.from({ length: more }, (_, index) => entry.replace("analyzer:", `"analyzer-${index}":`));
  return registry.replace(entry, entry + entries.join(""));
}
