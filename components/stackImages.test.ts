import * as assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { isKnown, record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { StackImages } from "./stackImages";

type Uris = readonly [api: pulumi.Output<string>, embedder: pulumi.Output<string>];

/** The images of another stack. */
const imagesOf = (stack: string): Promise<Recording<Uris>> =>
  record(() => {
    const images = new StackImages(stack);
    return [images.uri("api"), images.uri("embedder")];
  });

describe("StackImages", () => {
  it("gives the images of another stack by digest", async () => {
    const { result, errors } = await imagesOf("staging");

    const [api] = result;

    const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    assert.equal(await valueOf(api), `${registry}/student-helper-staging-api@sha256:${"d".repeat(64)}`);
    assert.deepEqual(errors, []);
  });

  for (const [state, stack] of [
    ["does not exist", "never"],
    ["was destroyed", "empty"],
  ] as const) {
    it(`refuses a stack that ${state}, once, with the command that mends it`, async () => {
      const { result, errors } = await imagesOf(stack);

      assert.deepEqual(await Promise.all(result.map(isKnown)), [false, false]);
      assert.deepEqual(errors, [
        `Stack "${stack}" has no images to take over; nothing was changed. ` +
          `Deploy it first: pulumi up --stack ${stack}`,
      ]);
    });
  }

  it("refuses an image that the other stack does not have yet", async () => {
    const { result, errors } = await imagesOf("old");

    assert.deepEqual(await Promise.all(result.map(isKnown)), [true, false]);
    assert.deepEqual(errors, [
      'Stack "old" has no image "embedder" to take over; nothing was changed. Deploy it first: pulumi up --stack old',
    ]);
  });
});
