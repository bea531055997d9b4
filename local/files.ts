import { randomBytes } from "crypto";
import { renameSync, rmSync, writeFileSync } from "fs";
import { stat } from "fs/promises";

/**
 * Writes a file so that whoever reads it, at whatever moment this process is killed, finds the old text or the new one.
 *
 * @param mode the new file's permissions; unset: readable by all, as `umask` allows.
 */
export function writeWhole(file: string, text: string, mode?: number): void {
  const unfinished = `${file}.${randomBytes(4).toString("hex")}.unfinished`;
  try {
    writeFileSync(unfinished, text, { mode });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Whether there is a folder of this name. */
export async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
