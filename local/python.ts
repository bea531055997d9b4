/**
 * The tools for the Python code of the functions and of the local system:
 * `tsx local/python.ts lint|format|typecheck|test|lock`.
 */
import { spawn } from "child_process";
import * as fs from "fs/promises";
import * as path from "path";

import { StepError } from "./errors";
import { checkout } from "./folders";
import { print, step } from "./progress";
import { ensurePythonTools } from "./python-tools";

const images = path.join(checkout, "images");
/** The folders below which Python code is. */
const roots = [images, path.join(checkout, "local")];
const configuration = path.join(images, "pyproject.toml");
const recipe = "npx tsx local/python.ts lock";

/** Runs one of the environment's modules in a folder, and tells its exit code. */
type Module = (args: readonly string[], folder: string, env?: Readonly<Record<string, string>>) => Promise<number>;

const commands: Readonly<Record<string, (module: Module, args: readonly string[]) => Promise<number>>> = {
  lint: (module) =>
    inEachRoot(async (root) => (await module(ruff("check"), root)) || module(ruff("format", "--check"), root)),

  format: (module) =>
    inEachRoot(async (root) => (await module(ruff("check", "--fix-only"), root)) || module(ruff("format"), root)),

  // One run for each folder: test modules of the same name in two of them would collide. What they use is checked once.
  typecheck: async (module) => {
    const withSources = await foldersWith("src", roots);
    const withTests = await foldersWith("tests", roots);
    const sources = withSources.map((folder) => path.join(folder, "src")).join(path.delimiter);
    for (const folder of withSources) {
      const mypy = ["mypy", "--config-file", configuration, "--cache-dir", path.join(images, ".mypy_cache")];
      const args = [...mypy, "src", ...(withTests.includes(folder) ? ["tests"] : [])];
      const code = await module(args, folder, { MYPYPATH: sources });
      if (code !== 0) return code;
    }
    return 0;
  },

  // What a function sets for its whole process is not there for the stand-ins' clients.
  test: async (module, args) => {
    const pytest = ["pytest", "--config-file", configuration, ...args];
    // A file's tests stay together, as they share what is slow to make.
    const onAllProcessors = ["--numprocesses", "logical", "--dist", "loadfile"];
    const functions = await module([...pytest, "--rootdir", images, ...onAllProcessors], images);
    return functions || module([...pytest, "--rootdir", ".", "."], path.join(checkout, "local", "model-stand-ins"));
  },

  // Every function has a lock file of what it needs beyond the shared one; the one of the tools repeats them all, and so keeps
  // them consistent.
  lock: async (module, args) => {
    const compile = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"];
    const into = (file: string): readonly string[] => [
      ...compile,
      "--no-emit-index-url",
      ...args,
      "--output-file",
      file,
    ];
    const env = { UV_CUSTOM_COMPILE_COMMAND: recipe };
    const names = (await foldersWith("requirements.in", [images])).map((folder) => path.basename(folder));
    const lock = (name: string, ...more: readonly string[]): Promise<number> =>
      module([...into(`${name}/requirements.txt`), ...more, `${name}/requirements.in`], images, env);
    let code = await lock("_shared");
    const shared = await fs.readFile(path.join(images, "_shared", "requirements.txt"), "utf8");
    const isShared = [...shared.matchAll(/^([\w.-]+)==/gm)].flatMap(([, name]) => ["--no-emit-package", name!]);
    const locks = ["--constraint", "_shared/requirements.txt"];
    for (const name of names.filter((folder) => !folder.startsWith("_"))) {
      code ||= await lock(name, "--constraint", "_shared/requirements.txt", ...isShared);
      locks.push("--constraint", `${name}/requirements.txt`);
    }
    const all = names.filter((name) => name !== "_dev").map((name) => `${name}/requirements.in`);
    return code || lock("_dev", ...locks, ...all);
  },
};

const ruff = (...command: readonly string[]): string[] => ["ruff", ...command, "--config", configuration, "."];

/** Runs an action in each folder of Python code until one fails, and tells the last exit code. */
async function inEachRoot(action: (root: string) => Promise<number>): Promise<number> {
  for (const root of roots) {
    const code = await action(root);
    if (code !== 0) return code;
  }
  return 0;
}

/** The folders in some others that have an entry of this name. */
async function foldersWith(entry: string, parents: readonly string[]): Promise<string[]> {
  const listed = await Promise.all(
    parents.map(async (parent) => (await fs.readdir(parent)).sort().map((name) => path.join(parent, name))),
  );
  const folders = listed.flat();
  const found = await Promise.all(
    folders.map((folder) =>
      fs.access(path.join(folder, entry)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => found[index]);
}

async function main(name: string | undefined, args: readonly string[]): Promise<number> {
  const command = Object.entries(commands).find(([known]) => known === name)?.[1];
  if (!command) {
    print(`${name ? `${name} is not known. ` : ""}Give one of: ${Object.keys(commands).join(", ")}.`);
    return 2;
  }
  const python = await step("Python tools", ensurePythonTools);
  const module: Module = (rest, cwd, env) =>
    new Promise((resolve, reject) => {
      const child = spawn(python, ["-m", ...rest], { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
  return command(module, args);
}

main(process.argv[2], process.argv.slice(3)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    if (!(error instanceof StepError)) throw error;
    print(`\n${error.message}`);
    process.exitCode = 1;
  },
);
