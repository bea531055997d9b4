import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { ContainerImage, type ContainerImageArgs } from "./containerImage";
import { ImageRepository } from "./imageRepository";

const args: Omit<ContainerImageArgs, "repository"> = {
  context: "/checkout/images",
  architecture: "x86_64",
  build: { baseImages: {}, secrets: {} },
};
const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const digest = `sha256:${"d".repeat(64)}`;

const make = (changes: Partial<ContainerImageArgs> = {}): Promise<Recording<ContainerImage>> =>
  record(() => {
    const repository = new ImageRepository("api", { functionName: "student-helper-test-api", protectData: true });
    return new ContainerImage("api", { repository, ...args, ...changes });
  });

describe("ContainerImage", () => {
  it("builds for one platform and pushes by digest", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("docker-build:index:Image", "api"), {
      context: { location: "/checkout/images" },
      dockerfile: { location: "/checkout/images/api/Dockerfile" },
      platforms: ["linux/amd64"],
      exports: [
        { raw: `type=registry,name=${registry}/student-helper-test-api,push-by-digest=true,oci-mediatypes=false` },
      ],
      push: false,
      buildOnPreview: true,
      cacheFrom: [{ registry: { ref: `${registry}/student-helper-test-api-cache:cache` } }],
      cacheTo: [
        {
          registry: {
            ref: `${registry}/student-helper-test-api-cache:cache`,
            mode: "max",
            imageManifest: true,
            ociMediaTypes: true,
            ignoreError: true,
          },
        },
      ],
      network: "default",
      registries: { secret: [{ address: registry, username: "AWS", password: "token" }] },
    });
  });

  it("gives the digest and a reference that holds no tag", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.digest), digest);
    assert.equal(await valueOf(result.imageUri), `${registry}/student-helper-test-api@${digest}`);
  });

  it("builds for arm64", async () => {
    const { inputs } = await make({ architecture: "arm64" });

    assert.deepEqual(inputs("docker-build:index:Image", "api").platforms, ["linux/arm64"]);
  });

  it("uses a machine's own registry, builder, base images and secrets", async () => {
    const { inputs, result } = await make({
      build: {
        registry: "localhost:4566",
        builder: "mine",
        baseImages: { "public.ecr.aws/lambda/python:3.13": "docker-image://localhost:4566/python" },
        secrets: { pip_conf: "[global]" },
      },
    });

    const image = inputs("docker-build:index:Image", "api");
    assert.deepEqual(image.builder, { name: "mine" });
    assert.deepEqual(image.context, {
      location: "/checkout/images",
      named: { "public.ecr.aws/lambda/python:3.13": { location: "docker-image://localhost:4566/python" } },
    });
    assert.deepEqual(image.exports, [
      { raw: "type=registry,name=localhost:4566/student-helper-test-api,push-by-digest=true,oci-mediatypes=false" },
    ]);
    assert.deepEqual(image.cacheFrom, [{ registry: { ref: "localhost:4566/student-helper-test-api-cache:cache" } }]);
    assert.deepEqual(image.registries, {
      secret: [{ address: "localhost:4566", username: "AWS", password: "token" }],
    });
    assert.deepEqual(image.secrets, { secret: { pip_conf: "[global]" } });
    assert.deepEqual(image.ignoreSecretsInDiffCalculation, ["pip_conf"]);
    assert.equal(await valueOf(result.imageUri), `localhost:4566/student-helper-test-api@${digest}`);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(make({ context: "images", architecture: "mips" as "arm64" }), {
      message: [
        'ContainerImage "api" has 2 problems; it was not created:',
        "  1. context",
        '     received: "images"',
        "     allowed:  an absolute path",
        '     fix:      correct context where ContainerImage "api" is made',
        "  2. architecture",
        '     received: "mips"',
        "     allowed:  one of x86_64, arm64",
        '     fix:      correct architecture where ContainerImage "api" is made',
      ].join("\n"),
    });
  });
});
