import * as os from "os";
import * as path from "path";

/** The checkout that this file belongs to. */
export const checkout = path.resolve(__dirname, "..");

/**
 * The user's cache folder for this project, by the platform's convention.
 * `STUDENT_HELPER_CACHE` names another one.
 *
 * It holds what every checkout may share: the toolchain and the base images, keyed by version.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (environment.STUDENT_HELPER_CACHE) return path.resolve(environment.STUDENT_HELPER_CACHE);
  const home = os.homedir();
  const base =
    platform === "win32"
      ? (environment.LOCALAPPDATA ?? path.join(home, "AppData", "Local"))
      : platform === "darwin"
        ? path.join(home, "Library", "Caches")
        : environment.XDG_CACHE_HOME || path.join(home, ".cache");
  return path.join(base, "student-helper");
}

/**
 * The folder of one local system of this checkout: its state, its logs and the records of its processes.
 * It is ignored by git.
 *
 * @param name `main` for `npm start`; the end-to-end tests run a system of their own beside it.
 */
export function instanceFolder(name: string): string {
  return path.join(checkout, ".local", name);
}
