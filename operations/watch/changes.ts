/** Which images a change of a file may touch. */
import * as fs from "fs/promises";
import * as path from "path";

/**
 * The images that may hold a file: that of its folder; all of them for shared code. Whether one really does, the build
 * finds out: its image is another one, or the same.
 *
 * @param file path below `images/`, with the separators of this platform.
 * @param images the names of all images.
 */
export function touchedBy(file: string, images: readonly string[]): readonly string[] {
  const [folder = "", ...rest] = file.split(path.sep);
  if (rest.length === 0 || /(__pycache__|\.pyc$|~$|\.swp$)/.test(file)) return [];
  if (folder === "_shared") return images;
  return images.includes(folder) ? [folder] : [];
}

/** How long a change waits for others that belong to it: an editor or a checkout writes many files at once. */
const quietMilliseconds = 50;

/**
 * Changes below a folder, those that come together as one.
 *
 * @param folder absolute path.
 */
export async function* changes(folder: string, signal: AbortSignal): AsyncGenerator<readonly string[]> {
  const events = fs.watch(folder, { recursive: true, signal })[Symbol.asyncIterator]();
  let next = events.next();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    const files = new Set([first.value.filename ?? ""]);
    next = events.next();
    for (;;) {
      const event = await Promise.race([next, quiet()]);
      if (event === undefined) break;
      if (event.done === true) return;
      files.add(event.value.filename ?? "");
      next = events.next();
    }
    yield [...files];
  }
}

const quiet = async (): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), quietMilliseconds));
