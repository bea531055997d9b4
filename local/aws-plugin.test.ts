import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { ensureAwsPlugin, stopAwsPlugin } from "./aws-plugin";
import { useTemporaryFolder } from "./testing/temporary-folder";

const folderName = "resource-aws-v7.0.0";

describe("the AWS plugin", () => {
  // Before the folder goes: it holds the process' record.
  afterEach(() => stopAwsPlugin(folder()));
  const folder = useTemporaryFolder();

  /** Makes a plugin in a folder of its own, and lets Pulumi's home folder show it as `pulumiEnvironment` does. */
  async function install(name: string): Promise<void> {
    const made = path.join(folder(), name);
    const shown = path.join(folder(), "home", "plugins", folderName);
    await fs.mkdir(made);
    await fs.writeFile(
      path.join(made, "pulumi-resource-aws"),
      `#!${process.execPath}
       const server = require("net").createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));`,
      { mode: 0o700 },
    );
    await fs.rm(shown, { recursive: true, force: true });
    await fs.mkdir(shown, { recursive: true });
    await fs.symlink(path.join(made, "pulumi-resource-aws"), path.join(shown, "pulumi-resource-aws"));
  }

  const ensure = async (): Promise<string> =>
    (
      await ensureAwsPlugin(
        folder(),
        { root: undefined, env: {}, plugins: { [folderName]: "" } },
        { PULUMI_HOME: path.join(folder(), "home") },
      )
    ).PULUMI_DEBUG_PROVIDERS!;

  it("is used while it is the toolchain's, and gives way to another one of the same version", async () => {
    await install("one");
    const first = await ensure();
    const again = await ensure();
    await install("other");
    const other = await ensure();

    assert.match(first, /^aws:\d+$/);
    assert.equal(again, first);
    assert.notEqual(other, first);
  });
});
