import * as assert from "node:assert/strict";
import { deviation, type Live } from "./live-functions";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const live: Live = { name: "api", version: "8", digest: digest("a"), state: "Active" };
const images = { api: `registry/student-helper-dev-api@${digest("a")}` };

describe("a live function", () => {
  it("is as it should be with the image of the last update, whatever its version is", () => {
    assert.equal(deviation(live, images, {}), undefined);
    assert.equal(deviation({ ...live, name: "migrate", version: "3" }, images, {}), undefined);
  });

  it("is not with another image, such as one that a watch left behind", () => {
    const found = deviation({ ...live, digest: digest("b") }, images, {});

    assert.equal(found, "the last update was of sha256:aaaaaaaaaaaa");
  });

  it("is with the version that a rollback pinned, and with no other", () => {
    const older = { ...live, version: "7", digest: digest("b") };

    assert.equal(deviation(older, images, { api: "7" }), undefined);
    assert.equal(deviation(live, images, { api: "7" }), "a rollback pinned version 7");
  });

  it("is not without a digest, while it is not active, and without an image of its own", () => {
    assert.equal(deviation({ ...live, digest: "" }, images, {}), "its image is not named by a digest");
    assert.equal(deviation({ ...live, state: "Inactive" }, images, {}), "it is Inactive");
    assert.equal(deviation({ ...live, name: "canary" }, images, {}), "the last update was of no such image");
  });
});
