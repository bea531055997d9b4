import * as fs from "node:fs";
import * as path from "node:path";

/** What a checkout by most people has, and no file of a build context needs more. */
const normalMode = 0o644;

/** Folders of tools beside the sources: in no build context. */
const isTools = (name: string): boolean => name.startsWith(".") || name === "__pycache__";

/**
 * Gives the files of a build context the same mode everywhere: the docker-build plugin hashes modes, and a checkout under
 * another umask would rebuild every image. Windows has no modes: there, the plugin takes every file for executable, so that
 * an update after one from another system builds every image again. To take them for executable everywhere would change
 * each file of a checkout for Git.
 *
 * @param folder the build context
 * @returns the same folder
 */
export function withNormalModes(folder: string): string {
  if (process.platform !== "win32" && fs.existsSync(folder)) normalize(folder);
  return folder;
}

function normalize(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && !isTools(entry.name)) normalize(file);
    if (entry.isFile() && (fs.statSync(file).mode & 0o7777) !== normalMode) fs.chmodSync(file, normalMode);
  }
}
