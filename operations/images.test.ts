import * as assert from "node:assert/strict";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { promotedImages, runningImages } from "./images";

const digest = `sha256:${"d".repeat(64)}`;
const named = (name: string): Error => Object.assign(new Error(name), { name });

describe("the images that a stack runs", () => {
  const uris: Record<string, string> = {
    api: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-prod-api@${digest}`,
    migrate: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-prod-api@${digest}`,
    cleanup: `localhost:4566/student-helper-prod-cleanup@${digest}`,
  };
  const lambda = {
    send: ({ input }: { input: { FunctionName: string; Qualifier: string } }) =>
      input.Qualifier === "live" && input.FunctionName in uris
        ? Promise.resolve({ Code: { ImageUri: uris[input.FunctionName] } })
        : Promise.reject(named("ResourceNotFoundException")),
  } as unknown as LambdaClient;

  it("are those of the functions' live versions, each once", async () => {
    const images = await runningImages(lambda, ["api", "migrate", "cleanup"]);

    assert.deepEqual(images, [
      { uri: uris.api, repository: "student-helper-prod-api", digest },
      { uri: uris.cleanup, repository: "student-helper-prod-cleanup", digest },
    ]);
  });

  it("are none where nothing was deployed", async () => {
    await assert.rejects(runningImages(lambda, ["embedder"]), {
      reason: "there is no function embedder with an alias live.",
      next: "deploy the stack first (`pulumi up`).",
    });
  });
});

describe("the images that a promotion takes", () => {
  it("are those that the stack exports, whatever it runs", () => {
    const uri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-staging-api@${digest}`;

    const images = promotedImages({ images: { api: uri } });

    assert.deepEqual(images, [{ uri, repository: "student-helper-staging-api", digest }]);
  });
});
