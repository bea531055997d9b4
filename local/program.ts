import { createRequire } from "module";
import * as path from "path";

/**
 * Runs an update without the TypeScript lines of stack traces: Pulumi's SDK notes a trace with every promise, and looking
 * the lines up takes a quarter of the program's time.
 */
export async function withoutSourceMaps<T>(update: () => Promise<T>): Promise<T> {
  const enabled = process.sourceMapsEnabled;
  process.setSourceMapsEnabled(false);
  try {
    return await update();
  } finally {
    process.setSourceMapsEnabled(enabled);
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
