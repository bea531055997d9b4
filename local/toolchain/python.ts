import * as path from "path";

import { cached, sources } from "../cache";
import { probe, run } from "../commands";
import { ensureSystemPackages, type SystemPart } from "./system-packages";

/** Where pip's settings say that packages come from. */
export const packageIndex = "the Python package index (PIP_INDEX_URL, `pip config list`)";

const requirements = path.join(__dirname, "python", "requirements.txt");

/**
 * A Python environment, made once, that holds the AWS emulator.
 *
 * @returns the environment's interpreter.
 */
export async function ensureEmulatorPython(log: string): Promise<string> {
  return ensureVirtualEnvironment("emulator", path.dirname(requirements), requirements, log);
}

/** Makes a virtual environment from a hashed requirements file, once per content of that file's folder. */
export async function ensureVirtualEnvironment(
  name: string,
  inputs: string,
  requirementsFile: string,
  log: string,
): Promise<string> {
  const python = (await findPython()) ?? (await installedPython(log));
  const { folder } = await cached(name, [python.version, ...(await sources(inputs))], async (unfinished) => {
    const options = {
      logFile: log,
      next: "read what pip printed; the versions and hashes that it wants are in the file behind `--requirement`.",
      source: packageIndex,
    };
    await run(python.program, ["-m", "venv", unfinished], {
      ...options,
      next: "install Python's venv module (on Debian: `apt-get install python3-venv`).",
    });
    await run(
      interpreter(unfinished),
      ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", requirementsFile],
      options,
    );
  });
  return interpreter(folder);
}

/** The interpreter of a virtual environment. Its scripts are never used: they name the folder in which they were made. */
const interpreter = (folder: string): string =>
  process.platform === "win32" ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");

interface Python {
  readonly program: string;
  readonly version: string;
}

/** The newest Python from 3.11 on that can be started and has what makes virtual environments; undefined for none. */
async function findPython(): Promise<Python | undefined> {
  for (const program of ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"]) {
    const code = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";
    const { stdout, exitCode } = await probe(program, ["-c", code]);
    const [major, minor] = stdout.split(".").map(Number);
    if (exitCode === 0 && major === 3 && minor !== undefined && minor >= 11) return { program, version: stdout.trim() };
  }
  return undefined;
}

/** What every Python environment of this project is made with. */
export const pythonWithVenv: SystemPart = {
  name: "Python from 3.11 on with its venv module",
  debianPackages: ["python3-venv"],
  isThere: async () => (await findPython()) !== undefined,
};

/** A Python that is there after all: the checks and unit tests need one before the local system is prepared. */
async function installedPython(log: string): Promise<Python> {
  await ensureSystemPackages([pythonWithVenv], log);
  return (await findPython())!;
}
