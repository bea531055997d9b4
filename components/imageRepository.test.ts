import * as assert from "node:assert/strict";
import { record, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { ImageRepository } from "./imageRepository";

const args = { functionNames: ["student-helper-test-api", "student-helper-test-migrate"], protectData: true };

describe("ImageRepository", () => {
  it("has a repository for images and one for the cache", async () => {
    const { names, inputs } = await record(() => new ImageRepository("api", args));

    assert.deepEqual(names, [
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api",
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api-cache",
      "aws:ecr/repository:Repository api",
      "aws:ecr/repository:Repository api-cache",
      "aws:ecr/repositoryPolicy:RepositoryPolicy api",
    ]);
    assert.deepEqual(inputs("aws:ecr/repository:Repository", "api"), {
      name: "student-helper-test-api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: false,
    });
    assert.deepEqual(inputs("aws:ecr/repository:Repository", "api-cache"), {
      name: "student-helper-test-api-cache",
      imageTagMutability: "MUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: true,
    });
  });

  it("keeps the newest images, tagged or not, and drops caches that were replaced", async () => {
    const { inputs } = await record(() => new ImageRepository("api", args));

    const policyOf = (name: string): unknown =>
      JSON.parse(String(inputs("aws:ecr/lifecyclePolicy:LifecyclePolicy", name).policy));
    assert.deepEqual(policyOf("api"), {
      rules: [
        {
          rulePriority: 1,
          description: "Keep the newest 30 images",
          selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 30 },
          action: { type: "expire" },
        },
      ],
    });
    assert.deepEqual(policyOf("api-cache"), {
      rules: [
        {
          rulePriority: 1,
          description: "Expire replaced caches after 7 days",
          selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
          action: { type: "expire" },
        },
      ],
    });
  });

  it("lets Lambda pull for its own functions only", async () => {
    const { inputs } = await record(() => new ImageRepository("api", args));

    const { repository, policy } = inputs("aws:ecr/repositoryPolicy:RepositoryPolicy", "api");

    assert.equal(repository, "student-helper-test-api");
    assert.deepEqual(statementsOf(policy), [
      {
        Sid: "LambdaPull",
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: {
            "aws:SourceArn": [
              "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-api",
              "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-migrate",
            ],
          },
        },
      },
    ]);
  });

  it("goes with its images where data is not protected", async () => {
    const { inputs } = await record(() => new ImageRepository("api", { ...args, protectData: false }));

    assert.equal(inputs("aws:ecr/repository:Repository", "api").forceDelete, true);
  });

  it("gives both addresses", async () => {
    const { result } = await record(() => new ImageRepository("api", args));

    const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    assert.equal(await valueOf(result.repositoryUrl), `${registry}/student-helper-test-api`);
    assert.equal(await valueOf(result.cacheUrl), `${registry}/student-helper-test-api-cache`);
    assert.equal(await valueOf(result.registryId), "123456789012");
  });

  it("refuses to be of use to nobody", async () => {
    await assert.rejects(
      record(() => new ImageRepository("api", { ...args, functionNames: [] })),
      {
        message: [
          'ImageRepository "api" has 1 problem; it was not created:',
          "  1. functionNames",
          "     received: []",
          "     allowed:  at least one function",
          '     fix:      correct functionNames where ImageRepository "api" is made',
        ].join("\n"),
      },
    );
  });
});
