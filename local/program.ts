import { createRequire } from "module";
import * as path from "path";

/** The module of Pulumi's SDK by which the SDK itself logs, too. */
const pulumiLog = createRequire(__filename)("@pulumi/pulumi/log") as { debug: () => Promise<void> };

/**
 * Runs an update without what Pulumi's SDK does for those who debug it, which is half of the program's computing:
 *
 * - it notes a stack trace with every promise, for which the lines of the TypeScript are looked up: the trace is as short as
 *   Pulumi.yaml asks for;
 * - it sends the engine some messages about every resource, one after the other, which nobody sees without `--debug`. What
 *   image builds are given is quoted in them.
 */
export async function withoutDebugging<T>(update: () => Promise<T>): Promise<T> {
  const enabled = process.sourceMapsEnabled;
  const { stackTraceLimit } = Error;
  const { debug } = pulumiLog;
  Error.stackTraceLimit = 4;
  process.setSourceMapsEnabled(false);
  pulumiLog.debug = () => Promise.resolve();
  try {
    return await update();
  } finally {
    process.setSourceMapsEnabled(enabled);
    pulumiLog.debug = debug;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Runs a checkout's `index.ts`, as Pulumi's language host does, and returns what it exports: the stack's outputs.
 * Nothing of an earlier run is kept, as a program registers its resources while it is loaded.
 */
export function loadProgram(checkout: string): Record<string, unknown> {
  const load = createRequire(path.join(checkout, "index.ts"));
  const inside = (folder: string) => (file: string) => file.startsWith(path.join(checkout, folder) + path.sep);
  const kept = [inside("node_modules"), inside("local"), inside("tests")];
  for (const file of Object.keys(load.cache)) {
    if (inside("")(file) && !kept.some((isKept) => isKept(file))) delete load.cache[file];
  }
  return { ...(load("./index.ts") as Record<string, unknown>) };
}
