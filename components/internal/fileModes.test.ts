import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { useTemporaryFolder } from "../../local/testing/temporary-folder";
import { withNormalModes } from "./fileModes";

describe("the modes of a build context's files", () => {
  const folder = useTemporaryFolder();
  const modeOf = (file: string): string => (fs.statSync(path.join(folder(), file)).mode & 0o7777).toString(8);

  it("are the same whatever the checkout's umask was", function () {
    if (process.platform === "win32") return;
    for (const [file, mode] of Object.entries({ "a.py": 0o600, "src/b.py": 0o755, "src/deep/c.py": 0o664 })) {
      const name = path.join(folder(), file);
      fs.mkdirSync(path.dirname(name), { recursive: true });
      fs.writeFileSync(name, "");
      fs.chmodSync(name, mode);
    }

    const given = withNormalModes(folder());

    assert.equal(given, folder());
    assert.deepEqual(["a.py", "src/b.py", "src/deep/c.py"].map(modeOf), ["644", "644", "644"]);
  });

  it("are nobody's business where there is no folder: the plugin says that it is missing", () => {
    assert.doesNotThrow(() => withNormalModes(path.join(folder(), "none")));
  });
});
