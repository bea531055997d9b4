import * as assert from "node:assert/strict";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { deviation, type Live, liveFunction } from "./live-functions";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const uri = `registry/student-helper-dev-api@${digest("a")}`;
const live: Live = { name: "api", version: "8", uri, digest: digest("a"), state: "Active" };
const images = { api: uri };

const dev = { name: "dev", pulumiName: "student-helper/dev" };

describe("a live function", () => {
  it("is what the alias leads to, which need not be the newest code", async () => {
    const asked: unknown[] = [];
    const send = ({ input }: { input: unknown }): Promise<unknown> => {
      asked.push(input);
      return Promise.resolve({ Configuration: { Version: "8", State: "Active" }, Code: { ImageUri: uri } });
    };

    const found = await liveFunction({ send } as unknown as LambdaClient, dev, "api");

    assert.deepEqual(found, live);
    assert.deepEqual(asked, [{ FunctionName: "student-helper-dev-api", Qualifier: "live" }]);
  });

  it("is nowhere before the first update, which is named", async () => {
    const send = (): Promise<never> =>
      Promise.reject(Object.assign(new Error(), { name: "ResourceNotFoundException" }));
    const lambda = { send } as unknown as LambdaClient;
    const reason = (stack: string): string =>
      `stack ${stack} has no function student-helper-${stack}-api with an alias live.`;

    await assert.rejects(liveFunction(lambda, dev, "api"), {
      reason: reason("dev"),
      next: "`pulumi up -s student-helper/dev` makes it.",
    });
    await assert.rejects(liveFunction(lambda, { name: "local", pulumiName: "local" }, "api"), {
      reason: reason("local"),
      next: "`npm start` makes it.",
    });
  });

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

  it("is while it sleeps, as nobody has called it for weeks", () => {
    assert.equal(deviation({ ...live, state: "Inactive" }, images, {}), undefined);
  });

  it("is not without a digest, while it cannot be called, and without an image of its own", () => {
    assert.equal(deviation({ ...live, digest: "" }, images, {}), "its image is not named by a digest");
    assert.equal(deviation({ ...live, state: "Failed" }, images, {}), "it is Failed");
    assert.equal(deviation({ ...live, name: "canary" }, images, {}), "the last update was of no such image");
  });
});
