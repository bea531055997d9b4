import * as assert from "node:assert/strict";
import { isKnown, record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { ContainerImage, type ContainerImageArgs } from "./containerImage";

const args: ContainerImageArgs = {
  functions: ["api", "migrate"],
  context: "/checkout/images",
  build: { baseImages: {}, secrets: {} },
  protectData: true,
};
const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const policyUrn =
  "urn:pulumi:test::student-helper::student-helper:image:ImageRepository$aws:ecr/repositoryPolicy:RepositoryPolicy::api";
const digest = `sha256:${"d".repeat(64)}`;

const make = (changes: Partial<ContainerImageArgs> = {}): Promise<Recording<ContainerImage>> =>
  record(() => new ContainerImage("api", { ...args, ...changes }));

describe("ContainerImage", () => {
  it("has a repository that its functions may pull from", async () => {
    const { names, inputs, result } = await make();

    assert.deepEqual(names, [
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api",
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api-cache",
      "aws:ecr/repository:Repository api",
      "aws:ecr/repository:Repository api-cache",
      "aws:ecr/repositoryPolicy:RepositoryPolicy api",
      "docker-build:index:Image api",
    ]);
    const policy = String(inputs("aws:ecr/repositoryPolicy:RepositoryPolicy", "api").policy);
    for (const name of ["api", "migrate"]) {
      assert.ok(policy.includes(`"arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-${name}"`));
    }
    assert.equal(await valueOf(result.pullPolicy.urn), policyUrn);
    assert.equal(inputs("aws:ecr/repository:Repository", "api").forceDelete, false);
  });

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

  it("copies an image by digest, with the logins that this takes", async () => {
    const original = `999999999999.dkr.ecr.eu-central-1.amazonaws.com/student-helper-dev-api@${digest}`;

    const { inputs, result } = await make({ copyOf: original });

    assert.deepEqual(inputs("docker-build:index:Image", "api"), {
      context: {
        location: "/checkout/images/_copy",
        named: { original: { location: `docker-image://${original}` } },
      },
      dockerfile: { location: "/checkout/images/_copy/Dockerfile" },
      platforms: ["linux/amd64"],
      exports: [
        { raw: `type=registry,name=${registry}/student-helper-test-api,push-by-digest=true,oci-mediatypes=false` },
      ],
      push: false,
      buildOnPreview: true,
      network: "default",
      registries: {
        secret: [
          { address: registry, username: "AWS", password: "token" },
          { address: "999999999999.dkr.ecr.eu-central-1.amazonaws.com", username: "AWS", password: "token" },
        ],
      },
    });
    assert.equal(await valueOf(result.digest), digest);
    assert.equal(await valueOf(result.imageUri), `${registry}/student-helper-test-api@${digest}`);
  });

  it("copies within a registry with one login, by the machine's own builder", async () => {
    const original = `localhost:4566/student-helper-dev-api@${digest}`;

    const { inputs } = await make({
      copyOf: original,
      build: { registry: "localhost:4566", builder: "mine", baseImages: { base: "docker-image://base" }, secrets: {} },
    });

    const image = inputs("docker-build:index:Image", "api");
    assert.deepEqual(image.builder, { name: "mine" });
    assert.deepEqual(image.context, {
      location: "/checkout/images/_copy",
      named: { original: { location: `docker-image://${original}` } },
    });
    assert.deepEqual(image.registries, {
      secret: [{ address: "localhost:4566", username: "AWS", password: "token" }],
    });
  });

  it("is not run where the copy is not what the original was", async () => {
    const original = `${registry}/student-helper-dev-api@sha256:${"e".repeat(64)}`;

    const { errors, result } = await make({ copyOf: original });

    assert.deepEqual(errors, [
      `The copy of ${original} has another digest, ${digest}: BuildKit has changed the image. No function runs it. ` +
        "Use the version of BuildKit that built the original.",
    ]);
    assert.equal(await isKnown(result.imageUri), false);
  });

  it("lists all invalid arguments in one error", async () => {
    const wrong = { functions: [], context: "images", copyOf: "api:latest" };

    await assert.rejects(make(wrong), {
      message: [
        'ContainerImage "api" has 3 problems; it was not created:',
        "  1. functions",
        "     received: []",
        "     allowed:  at least one function",
        '     fix:      correct functions where ContainerImage "api" is made',
        "  2. context",
        '     received: "images"',
        "     allowed:  an absolute path",
        '     fix:      correct context where ContainerImage "api" is made',
        "  3. copyOf",
        '     received: "api:latest"',
        "     allowed:  <repository>@sha256:<digest>",
        '     fix:      correct copyOf where ContainerImage "api" is made',
      ].join("\n"),
    });
  });
});
