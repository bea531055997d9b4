import * as assert from "node:assert/strict";
import * as path from "node:path";
import { checkout } from "../local/folders";
import { sbomFile } from "./image-sbom";
import { runningImages } from "./images";

describe("what is written down of an image", () => {
  it("has a file of its own beside that of another image of the same repository", () => {
    // As after a rollback: the api is pinned to an older image, migrate runs the newest.
    const uris = ["a", "b"].map((letter) => `registry/student-helper-prod-api@sha256:${letter.repeat(64)}`);
    const images = runningImages(uris.map((uri) => ({ uri })));

    const files = images.map((image) => sbomFile({ name: "prod" }, image));

    assert.deepEqual(
      files.map((file) => path.relative(checkout, file)),
      ["api-aaaaaaaaaaaa.cdx.json", "api-bbbbbbbbbbbb.cdx.json"].map((file) => path.join("sbom", file)),
    );
  });
});
