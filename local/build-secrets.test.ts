import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { buildSecrets } from "./build-secrets";
import { useTemporaryFolder } from "./testing/temporary-folder";

describe("what a download in an image's build needs", () => {
  const folder = useTemporaryFolder();
  const before = process.env.PIP_INDEX_URL;

  beforeEach(() => void delete process.env.PIP_INDEX_URL);
  afterEach(() => {
    if (before !== undefined) process.env.PIP_INDEX_URL = before;
  });

  /** The settings for pip that builds get where an interpreter's own pip answers as a line of JavaScript does. */
  async function pipSettings(answer: string): Promise<string> {
    const python = path.join(folder(), "python");
    await fs.writeFile(python, `#!${process.execPath}\n${answer}\n`, { mode: 0o700 });
    const { pip_conf: file } = await buildSecrets(path.join(folder(), "secrets"), python);
    return fs.readFile(file!, "utf8");
  }
  const certificates = "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n";

  it("is the index that the pip of the interpreter is set to", async () => {
    const asked = ["-m", "pip", "config", "get", "global.index-url"];
    const answer = `if (process.argv.slice(2).join() === "${asked.join()}") console.log("https://index.example/simple");`;

    assert.equal(await pipSettings(answer), `${certificates}index-url = https://index.example/simple\n`);
  });

  it("is the index of PIP_INDEX_URL above all", async () => {
    process.env.PIP_INDEX_URL = "https://mine.example/simple";

    assert.equal(
      await pipSettings(`console.log("https://index.example/simple");`),
      `${certificates}index-url = https://mine.example/simple\n`,
    );
  });

  it("is no index where pip is set to none", async () => {
    assert.equal(await pipSettings(`process.exit(1);`), certificates);
  });
});
