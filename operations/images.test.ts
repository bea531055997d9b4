import * as assert from "node:assert/strict";
import { promotedImages, runningImages } from "./images";

const digest = `sha256:${"d".repeat(64)}`;

describe("the images that a stack runs", () => {
  it("are those of the functions' live versions, each once", () => {
    const api = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-prod-api@${digest}`;
    const cleanup = `localhost:4566/student-helper-prod-cleanup@${digest}`;

    const images = runningImages([{ uri: api }, { uri: api }, { uri: cleanup }]);

    assert.deepEqual(images, [
      { uri: api, repository: "student-helper-prod-api", digest },
      { uri: cleanup, repository: "student-helper-prod-cleanup", digest },
    ]);
  });
});

describe("the images that a promotion takes", () => {
  it("are those that the stack exports, whatever it runs", () => {
    const uri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-staging-api@${digest}`;

    const images = promotedImages({ images: { api: uri } });

    assert.deepEqual(images, [{ uri, repository: "student-helper-staging-api", digest }]);
  });
});
