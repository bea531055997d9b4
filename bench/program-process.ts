/** The process of {@link runProgram}: loads and runs the program of its checkout, and prints what that took. */
import "@pulumi/pulumi";
import { createRequire } from "module";
import type * as Support from "../tests/support/program";

async function measure(stack: string): Promise<void> {
  const load = createRequire(__filename);
  const start = performance.now();
  for (const module of ["@pulumi/aws", "@pulumi/docker-build", "../config", "../components"]) load(module);
  const loaded = performance.now();
  const { run } = load("../tests/support/program") as typeof Support;
  const ready = performance.now();
  const { parents } = await run(stack);
  const result = {
    loadSeconds: (loaded - start) / 1000,
    runSeconds: (performance.now() - ready) / 1000,
    mebibytes: process.resourceUsage().maxRSS / 1024,
    resources: parents.size,
  };
  process.stdout.write(JSON.stringify(result));
}

void measure(process.argv[1]!);
