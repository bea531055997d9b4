/** The system that benchmarks measure: a copy of this checkout, started by its own `npm start`. */
import * as fs from "fs/promises";
import * as path from "path";
import type { Stack } from "@pulumi/pulumi/automation";
import { instanceFolder } from "../local/folders";
import { run } from "../local/commands";
import { prepareSystem, savedOutputs, stopSystem } from "../local/system";
import { type DeployedStack, localStackIn } from "../operations/deployed-stack";
import { copyCheckout } from "../tests/e2e/support/checkout-copy";
import { openTarget } from "../tests/e2e/support/target";

/** A running system. */
export interface BenchSystem {
  /** The copy of the checkout, which a benchmark may edit. */
  readonly checkout: string;
  readonly stack: Stack;
  readonly deployed: DeployedStack;
}

const folder = instanceFolder("bench");

/** Makes the copy, without starting anything. */
export async function newCheckout(): Promise<string> {
  const checkout = path.join(folder, "checkout");
  await stopSystem(path.join(checkout, ".local", "main"));
  return copyCheckout(folder);
}

/** Runs a script of the copy's package.json. */
export async function npmRun(checkout: string, script: string): Promise<string> {
  const cli = path.join("node_modules", "tsx", "dist", "cli.mjs");
  const { scripts } = JSON.parse(await fs.readFile(path.join(checkout, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [, ...args] = scripts[script]!.split(" ");
  return run(process.execPath, [cli, ...args], { cwd: checkout, next: `run \`npm run ${script}\` in ${checkout}.` });
}

/** The system of a copy that was started; the end-to-end tests' helpers then speak to it, too. */
export async function openSystem(checkout: string): Promise<BenchSystem> {
  const instance = path.join(checkout, ".local", "main");
  const outputs = path.join(folder, "outputs.json");
  await fs.writeFile(outputs, JSON.stringify(await savedOutputs(instance)));
  process.env.STACK_OUTPUTS = outputs;
  await openTarget();
  return { checkout, stack: await prepareSystem(instance, checkout), deployed: await localStackIn(instance) };
}

/** Stops the system of a copy. */
export async function closeSystem(checkout: string): Promise<void> {
  await stopSystem(path.join(checkout, ".local", "main"));
}

/** Changes a file of the copy so that it differs from all that it was before. */
export async function touch(checkout: string, file: string): Promise<void> {
  const name = path.join(checkout, file);
  const text = await fs.readFile(name, "utf8");
  const line = `# Changed for a benchmark: ${performance.now()}\n`;
  await fs.writeFile(name, `${text.replace(/# Changed for a benchmark.*\n/, "")}${line}`);
}
