import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { format, resolveConfig } from "prettier";
import { checkout as project, instanceFolder } from "../local/folders";
import { StepError } from "../local/errors";
import { main } from "../local/main";
import { print } from "../local/progress";
import { coldStarts } from "./benchmarks/coldStarts";
import { freshBuilder } from "./benchmarks/freshBuilder";
import { imageBuilds } from "./benchmarks/images";
import { program } from "./benchmarks/program";
import { searchable } from "./benchmarks/searchable";
import { updates } from "./benchmarks/updates";
import { watch } from "./benchmarks/watch";
import { counted, type Figure, isMet, seconds } from "./figures";
import { chart, table } from "./report";
import { type BenchSystem, closeSystem, newCheckout, npmRun, openSystem } from "./system";

/** The benchmarks of a running system, in the order in which they are run. */
const benchmarks: Readonly<Record<string, (system: BenchSystem, runs: number) => Promise<Figure[]>>> = {
  freshBuilder,
  updates,
  watch,
  searchable,
  images: imageBuilds,
  coldStarts,
  program: (_, runs) => program(instanceFolder("bench"), runs),
};

const help = `npm run bench [-- --only updates,watch] [-- --runs 5]: measures how fast this checkout is, beside the least that it could
take where that can be measured, and writes the table and the chart of docs/benchmarks.md. It starts a system of its own and
takes half an hour; a busy machine makes every figure worse.

  --only  benchmarks, separated by commas: start, ${Object.keys(benchmarks).join(", ")}; then only prints
  --runs  how often each is measured, from 1 on; default 5`;

main(
  help,
  async ({ options }) => {
    const runs = Number(options.runs ?? 5);
    const only = typeof options.only === "string" ? options.only.split(",") : undefined;
    check(runs, only);
    const wanted = (name: string): boolean => only === undefined || only.includes(name);
    const checkout = await newCheckout();
    const figures: Figure[] = [];
    const failed: string[] = [];
    try {
      const starts = await started(checkout);
      if (wanted("start")) figures.push(...starts);
      const system = await openSystem(checkout);
      for (const [name, benchmark] of Object.entries(benchmarks)) {
        if (!wanted(name)) continue;
        print(`  …  ${name}`);
        try {
          const found = await benchmark(system, runs);
          figures.push(...found);
          for (const figure of found)
            print(`  ${isMet(figure) ? "ok" : "!!"} ${figure.what}: ${counted(figure).toPrecision(3)} ${figure.unit}`);
        } catch (error) {
          // What the others find out is not lost.
          failed.push(name);
          print(`  !! ${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    } finally {
      await closeSystem(checkout);
    }
    process.stdout.write(`${table(figures)}\n`);
    if (only === undefined) await write(figures);
    if (failed.length > 0) {
      const again = `npm run bench -- --only ${failed.join(",")}`;
      throw new StepError(
        `could not be measured: ${failed.join(", ")}.`,
        `look at the messages above, then \`${again}\`.`,
      );
    }
  },
  { options: { only: { type: "string" }, runs: { type: "string" } } },
);

function check(runs: number, only: readonly string[] = []): void {
  const unknown = only.filter((name) => name !== "start" && !(name in benchmarks));
  if (unknown.length > 0)
    throw new StepError(`there is no benchmark ${unknown.join(", ")}.`, "`npm run bench -- --help`");
  if (!Number.isInteger(runs) || runs < 1)
    throw new StepError("--runs is not a number from 1 on.", "`npm run bench -- --help`");
}

/** `npm start` with its toolchain cached, and once more with everything there. */
async function started(checkout: string): Promise<Figure[]> {
  print("  …  npm start, twice");
  const first = await seconds(() => npmRun(checkout, "start"));
  const again = await seconds(() => npmRun(checkout, "start"));
  return [
    { what: "`npm start` with nothing running, toolchain cached", unit: "s", values: [first], goal: {} },
    { what: "`npm start` of a system that runs", unit: "s", values: [again], goal: { most: 60 } },
  ];
}

async function write(figures: readonly Figure[]): Promise<void> {
  const docs = path.join(project, "docs");
  const file = path.join(docs, "benchmarks.md");
  const [cpu] = os.cpus();
  const machine = `${os.cpus().length} cores (${cpu?.model.trim()}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;
  const text = await fs.readFile(file, "utf8");
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)} on ${machine}.\n\n${table(figures)}`;
  const marked = /(<!-- measured.*?-->)[\s\S]*(<!-- end -->)/;
  const written = text.replace(marked, (_, start, end) => `${start}\n\n${measured}\n\n${end}`);
  await fs.writeFile(file, await format(written, { ...(await resolveConfig(file)), parser: "markdown" }));
  await fs.writeFile(path.join(docs, "benchmarks.svg"), chart(figures));
}
