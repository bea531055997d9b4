import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { forgetStack, stateFolder } from "./stack-state";
import { useTemporaryFolder } from "./testing/temporary-folder";

describe("the state of a stack", () => {
  const instance = useTemporaryFolder();

  it("is forgotten as a whole", async () => {
    await fs.mkdir(path.join(stateFolder(instance()), ".pulumi", "stacks"), { recursive: true });

    await forgetStack(instance());

    assert.deepEqual(await fs.readdir(instance()), []);
  });
});
