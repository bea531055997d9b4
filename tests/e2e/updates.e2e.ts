import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { run } from "../../local/commands";
import { checkout } from "../../local/folders";
import { call } from "./support/api";
import { newStudent } from "./support/students";
import { type Target, theLocalTarget } from "./support/target";
import { edit, up } from "./support/updates";

/** Clones what a folder holds, under the umask of the careful and with the line endings of Windows. */
async function cloneAs(clone: string, original: string): Promise<void> {
  const git = (...args: string[]): Promise<string> => run("git", args, { cwd: original, next: "look at Git." });
  await git("init", "--quiet");
  await git("add", "--all", ":!node_modules");
  await git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "All of it");
  const umask = process.umask(0o077);
  try {
    await git("clone", "--quiet", "--config", "core.autocrlf=true", original, clone);
  } finally {
    process.umask(umask);
  }
  await fs.symlink(path.join(checkout, "node_modules"), path.join(clone, "node_modules"), "junction");
  const handler = path.join(clone, "images", "api", "src", "api", "app.py");
  assert.equal((await fs.stat(handler)).mode & 0o777, 0o600, "the clone has the modes of the original");
  await fs.chmod(handler, 0o755);
}

describe("an update", () => {
  it("changes nothing when nothing has changed", async () => {
    const { changes } = await up(theLocalTarget().stack);

    assert.deepEqual(changes, []);
  });

  it("finds the stack as it left it: a refresh changes nothing", async () => {
    const { summary } = await theLocalTarget().stack.refresh();

    assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
  });

  it("changes nothing in a clone with other modes and a Git that wants CRLF", async () => {
    const { stack, checkout } = theLocalTarget();
    const original = `${checkout}-original`;
    await fs.rename(checkout, original);
    try {
      await cloneAs(checkout, original);

      const { changes } = await up(stack);

      assert.deepEqual(changes, []);
    } finally {
      await fs.rm(checkout, { recursive: true, force: true });
      await fs.rename(original, checkout);
    }
  });

  it("rebuilds nothing for a README or a test", async () => {
    const { stack, checkout } = theLocalTarget();
    await fs.writeFile(path.join(checkout, "images", "api", "README.md"), "# The API\n");
    await edit("images/api/tests/test_uploads.py", (text) => `${text}\n# one more line\n`);

    const { changes } = await up(stack);

    assert.deepEqual(changes, []);
  });

  it("rebuilds the one image whose handler changed, and the API answers with it", async () => {
    const { stack } = theLocalTarget();
    await edit("images/api/src/api/app.py", (text) => text.replace('title="Student Helper"', 'title="Another Title"'));

    const { changes, outputs } = await up(stack);

    // The image holds the migrations, too: they run before the API's new code serves.
    assert.deepEqual(changes, [
      "create-replacement aws:lambda/invocation:Invocation migration",
      "delete-replaced aws:lambda/invocation:Invocation migration",
      "replace aws:lambda/invocation:Invocation migration",
      "update aws:lambda/alias:Alias api",
      "update aws:lambda/alias:Alias migrate",
      "update aws:lambda/function:Function api",
      "update aws:lambda/function:Function migrate",
      "update docker-build:index:Image api",
    ]);
    const health = await call("GET", "/health");
    const functions = outputs.functions as Target["functions"];
    const images = outputs.images as Target["images"];
    assert.equal(health.body.image_digest, images.api!.split("@")[1]);
    assert.equal(health.body.version, functions.api!.version);
    const { accessToken: token } = await newStudent();
    const { body } = await call("GET", "/openapi.json", { token });
    assert.equal((body.info as { title: string }).title, "Another Title");
    assert.deepEqual((await up(stack)).changes, [], "the update after it");
  });
});
