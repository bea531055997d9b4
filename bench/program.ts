/** The Pulumi program alone, in a process of its own, with nobody to make its resources. */
import * as fs from "fs/promises";
import * as path from "path";
import { parse } from "yaml";
import { run } from "../local/commands";

/** What a run of the program took. */
export interface ProgramRun {
  /** What the program's own modules and the SDKs of its providers take to load; Pulumi's own is there by then. */
  readonly loadSeconds: number;
  /** From there until the last resource is registered. */
  readonly runSeconds: number;
  /** The process' largest size. */
  readonly mebibytes: number;
  readonly resources: number;
}

/** What Pulumi.yaml says about the program's process. */
interface Project {
  readonly runtime: { readonly options: { readonly nodeargs: string } };
}

/** As Pulumi's language host begins: with its own ts-node and, as tsconfig.json says, without type checking. */
const begin = `
require("@pulumi/pulumi/vendor/ts-node@7.0.1").register({ transpileOnly: true, project: "tsconfig.json" });
require("./bench/program-process.ts");`;

/** Runs the program of a checkout as Pulumi's language host does. */
export async function runProgram(checkout: string, stack: string): Promise<ProgramRun> {
  const next = "run the command in a checkout whose packages are installed.";
  const { runtime } = parse(await fs.readFile(path.join(checkout, "Pulumi.yaml"), "utf8")) as Project;
  // Node.js counts the first argument as the script's own.
  const args = [...runtime.options.nodeargs.split(" "), "--eval", begin, stack];
  return JSON.parse(await run(process.execPath, args, { cwd: checkout, next })) as ProgramRun;
}
