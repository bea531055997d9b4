import * as path from "path";
import { checkout } from "./folders";
import { ensureVirtualEnvironment } from "./toolchain/python";

/** What the environment holds. */
const lockFile = path.join(checkout, "images", "_dev", "requirements.txt");

/**
 * The environment of the tools for Python, made once per content of `images/_dev`; it holds them and the very versions of
 * all libraries that the images have.
 *
 * @returns the environment's interpreter.
 */
export async function ensurePythonTools(): Promise<string> {
  const log = path.join(checkout, ".local", "logs", "python.log");
  return ensureVirtualEnvironment("python-tools", path.dirname(lockFile), lockFile, log);
}
