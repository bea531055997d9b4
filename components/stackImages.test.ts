import * as assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { isKnown, record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { StackImages } from "./stackImages";

type Uris = readonly [api: pulumi.Output<string>, embedder: pulumi.Output<string>];

const parameter = "/student-helper/staging/releases/pinned_versions";

/** The images of another stack; where a rollback's pins are looked for, these parameters are found. */
const imagesOf = (stack: string, parameters?: { names: string[]; values: string[] }): Promise<Recording<Uris>> =>
  record(
    () => {
      const images = new StackImages(stack);
      return [images.uri("api"), images.uri("embedder")];
    },
    "test",
    undefined,
    parameters && { "aws:ssm/getParametersByPath:getParametersByPath": parameters },
  );

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
        `Stack "${stack}" has no images to take over; no image was copied. ` +
          `Deploy it first: pulumi up --stack ${stack}`,
      ]);
    });
  }

  it("refuses an image that the other stack does not have yet", async () => {
    const { result, errors } = await imagesOf("old");

    assert.deepEqual(await Promise.all(result.map(isKnown)), [true, false]);
    assert.deepEqual(errors, [
      'Stack "old" has no image "embedder" to take over; no image was copied. Deploy it first: pulumi up --stack old',
    ]);
  });

  it("refuses all images of a stack where a rollback has pinned a function, now and not when it was last updated", async () => {
    const { result, errors } = await imagesOf("staging", { names: [parameter], values: ['{"api":"7","cleanup":"3"}'] });

    assert.deepEqual(await Promise.all(result.map(isKnown)), [false, false]);
    assert.deepEqual(errors, [
      'A rollback has pinned functions of stack "staging": api to version 7, cleanup to version 3. Its newest images, which ' +
        "would be taken over, are not what runs there; no image was copied. Once what was wrong is mended, lift the pins: " +
        "npm run rollback -- --stack staging --to latest",
    ]);
  });

  it("refuses all images of a stack of whose rollbacks nothing is known here", async () => {
    const { result, errors } = await imagesOf("staging", { names: [], values: [] });

    assert.deepEqual(await Promise.all(result.map(isKnown)), [false, false]);
    assert.deepEqual(errors, [
      `The parameter ${parameter}, which names what was rolled back in stack "staging", is not in this account and region; ` +
        'no image was copied. Sign in to the account of stack "staging", or deploy it: pulumi up --stack staging',
    ]);
  });
});
