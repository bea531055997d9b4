import * as fs from "fs/promises";
import { exists, run } from "../commands";
import { StepError } from "../errors";

/** A program that the operating system provides, and Debian's package that holds it. */
export interface SystemProgram {
  readonly program: string;
  readonly debianPackage: string;
}

/**
 * Makes sure that programs of the operating system are there. On Debian and its relatives, as root, what is missing is
 * installed; elsewhere the reader is told what to install.
 *
 * @returns the packages that were installed.
 */
export async function ensureSystemPrograms(programs: readonly SystemProgram[], log: string): Promise<string[]> {
  const found = await Promise.all(programs.map(({ program }) => exists(program)));
  const missing = programs.filter((_, index) => !found[index]);
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const install = `apt-get install ${packages.join(" ")}`;
  const debian = await fs.access("/etc/debian_version").then(
    () => true,
    () => false,
  );
  if (!debian || process.getuid?.() !== 0) {
    throw new StepError(
      `missing: ${missing.map(({ program }) => program).join(", ")}.`,
      debian ? `run \`sudo ${install}\`.` : `install them (on Debian: \`${install}\`).`,
    );
  }
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    logFile: log,
    next: `read what apt-get printed, run \`${install}\` yourself, then the command again.`,
    source: "Debian's package sources (/etc/apt)",
  };
  await run("apt-get", ["update"], options);
  await run("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], options);
  return packages;
}
