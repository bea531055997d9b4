import * as fs from "fs/promises";
import * as path from "path";
import { run } from "../../../local/commands";
import { checkout } from "../../../local/folders";

/**
 * Copies the checkout's own files, committed or not, so that a test can edit a handler without touching the user's tree.
 *
 * @returns the copy's folder.
 */
export async function copyCheckout(folder: string): Promise<string> {
  const copy = path.join(folder, "checkout");
  await fs.rm(copy, { recursive: true, force: true });
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
    next: "run the tests in a git checkout.",
  });
  const files = new Set(listed.split("\0").filter((name) => name !== ""));
  for (const file of files) {
    const source = path.join(checkout, file);
    const exists = await fs.access(source).then(
      () => true,
      () => false, // deleted, but not yet committed
    );
    if (exists) await fs.cp(source, path.join(copy, file));
  }
  await fs.symlink(path.join(checkout, "node_modules"), path.join(copy, "node_modules"), "junction");
  return copy;
}
