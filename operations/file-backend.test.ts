import * as assert from "node:assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { useTemporaryFolder } from "../local/testing/temporary-folder";
import { backendFolder, removeCutOffAttributes } from "./file-backend";

describe("a backend that is a folder", () => {
  const folder = useTemporaryFolder();

  it("is known by its address", () => {
    assert.equal(backendFolder("file:///srv/state"), path.resolve("/srv/state"));
    assert.equal(backendFolder("file:///srv/state?metadata=skip"), path.resolve("/srv/state"));
    assert.equal(backendFolder("https://api.pulumi.com"), undefined);
    assert.equal(backendFolder("s3://a-bucket"), undefined);
  });

  it("loses attributes that were cut off, and no others", async () => {
    const stacks = path.join(folder(), ".pulumi", "stacks", "student-helper");
    await fs.mkdir(stacks, { recursive: true });
    await fs.writeFile(path.join(stacks, "dev.json"), "{}");
    await fs.writeFile(path.join(stacks, "dev.json.attrs"), "");
    await fs.writeFile(path.join(stacks, "dev.json.bak.attrs"), "{}\n");

    await removeCutOffAttributes(folder(), "dev");

    assert.deepEqual((await fs.readdir(stacks)).sort(), ["dev.json", "dev.json.bak.attrs"]);
  });
});
