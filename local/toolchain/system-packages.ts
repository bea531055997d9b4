import * as path from "path";
import { exclusively } from "../cache";
import { exists, probe, run } from "../commands";
import { StepError } from "../errors";
import { cacheFolder } from "../folders";

/** Something that the operating system provides. */
export interface SystemPart {
  /** What the reader knows it by. */
  readonly name: string;
  /** Debian's packages that hold it, in releases from new to old: the first one that there is gets installed. */
  readonly debianPackages: readonly string[];
  readonly isThere: () => Promise<boolean>;
}

/** A program that can be started by its name. */
export function systemProgram(name: string, ...debianPackages: readonly string[]): SystemPart {
  return { name, debianPackages, isThere: () => exists(name) };
}

/**
 * Makes sure that parts of the operating system are there. On Debian and its relatives, as root, what is missing is
 * installed; elsewhere the reader is told what to install.
 *
 * @returns the packages that were installed.
 * @throws StepError where something is missing in the end.
 */
export async function ensureSystemPackages(parts: readonly SystemPart[], log: string): Promise<string[]> {
  const lacking = await missingOf(parts);
  if (lacking.length === 0) return [];
  const hasApt = await exists("apt-get");
  if (!hasApt || process.getuid?.() !== 0) {
    const install = `apt-get install ${lacking.map(({ debianPackages }) => debianPackages.join(" or ")).join(" ")}`;
    throw new StepError(
      `missing: ${named(lacking)}.`,
      hasApt ? `run \`sudo ${install}\`.` : `install them (on Debian: \`${install}\`).`,
    );
  }
  // apt-get gives up where another one runs, as it may for a second system that starts.
  return exclusively(path.join(cacheFolder(), "apt"), async () => {
    const missing = await missingOf(parts);
    if (missing.length === 0) return [];
    const installed = await install(missing, log);
    const left = await missingOf(missing);
    if (left.length === 0) return installed;
    throw new StepError(
      `missing, though apt-get installed ${installed.join(", ")}: ${named(left)}.`,
      "install what has it, then run the command again.",
      log,
    );
  });
}

async function install(missing: readonly SystemPart[], log: string): Promise<string[]> {
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    logFile: log,
    next: `read what apt-get printed, install ${named(missing)} yourself, then run the command again.`,
    source: "Debian's package sources (/etc/apt)",
  };
  await run("apt-get", ["update"], options);
  const packages = [...new Set(await Promise.all(missing.map(packageOf)))];
  await run("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], options);
  return packages;
}

/** The package that this release has. */
async function packageOf({ debianPackages }: SystemPart): Promise<string> {
  for (const name of debianPackages.slice(0, -1)) {
    if ((await probe("apt-cache", ["show", name])).exitCode === 0) return name;
  }
  return debianPackages.at(-1)!;
}

async function missingOf(parts: readonly SystemPart[]): Promise<readonly SystemPart[]> {
  const found = await Promise.all(parts.map(({ isThere }) => isThere()));
  return parts.filter((_, index) => !found[index]);
}

const named = (parts: readonly SystemPart[]): string => parts.map(({ name }) => name).join(", ");
