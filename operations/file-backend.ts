/** What a killed engine leaves of a backend that is a folder: `pulumi login file://…`. */
import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { project } from "../local/stack-state";

/** The folder of a backend that is one; undefined for another. */
export function backendFolder(url: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const [folder = ""] = url.slice("file://".length).split("?");
  return path.resolve(folder.replace(/^~/, os.homedir()));
}

/**
 * Removes the files of attributes that were cut off while they were written: with an empty one beside a stack's state, Pulumi
 * reads nothing of the stack (`failed to load checkpoint: EOF`), without one all of it. The local stack's backend has none.
 *
 * @param folder the backend's.
 */
export async function removeCutOffAttributes(folder: string, stackName: string): Promise<void> {
  const stacks = path.join(folder, ".pulumi", "stacks", project);
  for (const name of [`${stackName}.json.attrs`, `${stackName}.json.bak.attrs`]) {
    const file = path.join(stacks, name);
    const text = await fs.readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined && !isJson(text)) await fs.rm(file, { force: true });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
