import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";

/**
 * Gives each test of a suite an empty folder and lets the project's cache be inside it; afterwards both are gone.
 *
 * @returns tells the folder of the running test.
 */
export function useTemporaryFolder(): () => string {
  let folder = "";
  const before = process.env.STUDENT_HELPER_CACHE;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "student-helper-test-"));
    process.env.STUDENT_HELPER_CACHE = path.join(folder, "cache");
  });

  afterEach(async () => {
    if (before === undefined) delete process.env.STUDENT_HELPER_CACHE;
    else process.env.STUDENT_HELPER_CACHE = before;
    await fs.rm(folder, { recursive: true, force: true });
  });

  return () => folder;
}
