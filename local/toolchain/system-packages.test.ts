import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { exists } from "../commands";
import { StepError } from "../errors";
import { useTemporaryFolder } from "../testing/temporary-folder";
import { ensureSystemPackages, systemProgram } from "./system-packages";

describe("parts of the operating system", () => {
  const folder = useTemporaryFolder();
  const { getuid } = process;
  const { PATH, STUDENT_HELPER_CACHE } = process.env;
  const calls = async (): Promise<string> => fs.readFile(path.join(folder(), "calls"), "utf8").catch(() => "");

  /** An apt-get that knows some packages, each with a program, and notes what it is called with. */
  async function beRootWithApt(packages: Readonly<Record<string, string>>): Promise<void> {
    const program = (code: string): string => `#!${process.execPath}\n${code}`;
    const setUp = `const fs = require("fs"), packages = ${JSON.stringify(packages)}, args = process.argv.slice(2);`;
    const scripts = {
      "apt-get": `${setUp}
        if (args[0] === "--version") process.exit();
        fs.appendFileSync("${folder()}/calls", args.filter((word) => !word.startsWith("--")).join(" ") + "\\n");
        for (const name of args) {
          if (packages[name]) fs.writeFileSync("${folder()}/" + packages[name], "#!/bin/true", { mode: 0o755 });
        }`,
      "apt-cache": `${setUp} process.exit(args[1] in packages ? 0 : 100);`,
    };
    for (const [name, code] of Object.entries(scripts)) {
      await fs.writeFile(path.join(folder(), name), program(code), { mode: 0o755 });
    }
    process.env.PATH = folder();
    process.getuid = () => 0;
  }

  const ensure = async (...parts: Parameters<typeof ensureSystemPackages>[0]): Promise<string[]> =>
    ensureSystemPackages(parts, path.join(folder(), "apt.log"));

  beforeEach(() => {
    process.env.STUDENT_HELPER_CACHE = folder();
  });

  afterEach(() => {
    process.getuid = getuid;
    process.env.PATH = PATH;
    if (STUDENT_HELPER_CACHE === undefined) delete process.env.STUDENT_HELPER_CACHE;
    else process.env.STUDENT_HELPER_CACHE = STUDENT_HELPER_CACHE;
  });

  it("are installed by one apt-get where two systems begin at once", async () => {
    await beRootWithApt({ engine: "engined", filter: "filter" });
    const parts = [systemProgram("engined", "engine"), systemProgram("filter", "filter")];

    const installed = await Promise.all([ensure(...parts), ensure(...parts)]);

    assert.deepEqual(installed.sort(), [[], ["engine", "filter"]]);
    assert.equal(await calls(), "update\ninstall engine filter\n");
    assert.ok(await exists("engined"));
  });

  it("come from the package that the release has", async () => {
    await beRootWithApt({ "engine.io": "engine" });
    const older = await ensure(systemProgram("engine", "engine-cli", "engine.io"));
    await fs.rm(path.join(folder(), "engine"));
    await beRootWithApt({ "engine.io": "engined", "engine-cli": "engine" });
    const newer = await ensure(systemProgram("engine", "engine-cli", "engine.io"));

    assert.deepEqual([older, newer], [["engine.io"], ["engine-cli"]]);
  });

  it("that are missing even then are named", async () => {
    await beRootWithApt({ "engine.io": "engined" });

    await assert.rejects(
      ensure(systemProgram("engine", "engine.io")),
      new StepError(
        "missing, though apt-get installed engine.io: engine.",
        "install what has it, then run the command again.",
        path.join(folder(), "apt.log"),
      ),
    );
  });

  it("that are there need no apt-get", async () => {
    await beRootWithApt({});

    assert.deepEqual(await ensure(systemProgram(process.execPath, "nodejs")), []);
    assert.equal(await calls(), "");
  });

  it("are the reader's to install without root", async () => {
    await beRootWithApt({ engine: "engine" });
    process.getuid = () => 1000;

    await assert.rejects(
      ensure(systemProgram("engine", "engine-cli", "engine"), systemProgram("filter", "filter")),
      new StepError("missing: engine, filter.", "run `sudo apt-get install engine-cli or engine filter`."),
    );
  });
});
