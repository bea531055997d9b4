import * as assert from "node:assert/strict";
import type { FunctionName } from "../../functions";
import { handover } from "./handover";

const recorded = {
  api: "registry/student-helper-dev-api@sha256:1",
  embedder: "registry/student-helper-dev-embedder@sha256:2",
};
const local = { name: "local", pulumiName: "local" };
const dev = { name: "dev", pulumiName: "student-helper/dev" };

describe("what a watch leaves behind", () => {
  it("is nothing to speak of where functions run the images of the last update", () => {
    const serving = new Map<FunctionName, string>([
      ["api", "sha256:1"],
      ["migrate", "sha256:1"],
      ["embedder", "sha256:2"],
    ]);

    assert.equal(handover(dev, serving, recorded), undefined);
  });

  it("is told with the functions that run something else, and with what to do", () => {
    const serving = new Map<FunctionName, string>([
      ["api", "sha256:3"],
      ["migrate", "sha256:3"],
      ["embedder", "sha256:2"],
    ]);

    assert.equal(
      handover(dev, serving, recorded),
      "stack dev runs what no update knows: api, migrate. Next: an update that builds your changes records that; to put it " +
        "back, `pulumi up --refresh -s student-helper/dev` without them.",
    );
    assert.equal(
      handover(local, serving, recorded),
      "stack local runs what no update knows: api, migrate. Next: `npm start` records that; to put it back, take your changes " +
        "back and watch once more.",
    );
  });
});
