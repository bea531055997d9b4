import * as fs from "fs/promises";
import * as path from "path";
import { copyCheckout } from "../../tests/e2e/support/checkout-copy";
import { type Figure, median, repeated } from "../figures";
import { runProgram } from "../program";

/** How many functions the program is given, from functions.ts's own on. */
const sizes = [8, 12, 24, 48];

/** What the program costs by itself, for one of the cloud's stacks, and how that grows with the number of functions. */
export async function program(folder: string, runs: number): Promise<Figure[]> {
  const checkout = await copyCheckout(path.join(folder, "growth"));
  const registry = path.join(checkout, "functions.ts");
  const original = await fs.readFile(registry, "utf8");
  const load = await repeated(runs, async () => (await runProgram(checkout, "prod")).loadSeconds);
  const grown = [];
  for (const size of sizes) {
    await fs.writeFile(registry, withFunctions(original, size - sizes[0]!));
    const all = [];
    for (let time = 0; time < runs; time++) all.push(await runProgram(checkout, "prod"));
    grown.push({
      size,
      seconds: median(all.map(({ runSeconds }) => runSeconds)),
      mebibytes: median(all.map(({ mebibytes }) => mebibytes)),
    });
  }
  const first = grown[0]!;
  return [
    { what: "loading the program, without the CLI (prod)", unit: "s", values: load, goal: { most: 1 } },
    ...grown.slice(1).flatMap(({ size, seconds, mebibytes }): Figure[] => [
      {
        what: `running the program with ${size} functions`,
        unit: "s",
        values: [seconds],
        floor: {
          what: `${first.size} functions, times ${size / first.size}`,
          values: [(first.seconds * size) / first.size],
        },
        goal: { timesFloor: 1 },
      },
      {
        what: `memory of the program with ${size} functions`,
        unit: "MiB",
        values: [mebibytes],
        floor: {
          what: `${first.size} functions, times ${size / first.size}`,
          values: [(first.mebibytes * size) / first.size],
        },
        goal: { timesFloor: 1 },
      },
    ]),
  ];
}

/** The registry with more functions, each like the analyzer, under another name. */
function withFunctions(registry: string, more: number): string {
  const entry = /\n {2}analyzer: \{[\s\S]*?\n {2}\},/.exec(registry)?.[0];
  if (entry === undefined) throw new Error("functions.ts has no entry analyzer to make more of");
  const entries = Array.from({ length: more }, (_, index) => entry.replace("analyzer:", `"analyzer-${index}":`));
  return registry.replace(entry, entry + entries.join(""));
}
