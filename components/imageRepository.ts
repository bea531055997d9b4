import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keptImages, shortName } from "./internal/limits";
import { accountOf, functionArn, physicalName } from "./internal/naming";
import { dataOptions } from "./internal/protection";
import { policyDocument } from "./internal/statements";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link ImageRepository}. */
export interface ImageRepositoryArgs {
  /** Physical names of the Lambda functions that run images from here. */
  readonly functionNames: readonly string[];
  /** Whether the repository refuses to be deleted while it holds images. */
  readonly protectData: boolean;
}

const rules = z.object({
  name: shortName,
  functionNames: z.array(z.string()).min(1, { error: "at least one function" }),
});

/**
 * The ECR repository of one image's versions, and beside it one for the build cache: image tags are immutable, whereas
 * the cache's tag moves with each build.
 *
 * Meets Security Hub ECR.1 (scan on push), ECR.2 (immutable tags) and ECR.3 (lifecycle policy)
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html).
 *
 * @example
 * const repository = new ImageRepository("api", { functionNames: ["student-helper-dev-api"], protectData: true });
 */
export class ImageRepository extends pulumi.ComponentResource {
  /** Name of the images' repository. */
  readonly repositoryName: pulumi.Output<string>;
  /** Address of the images' repository, without a tag. */
  readonly repositoryUrl: pulumi.Output<string>;
  /** Name of the cache's repository. */
  readonly cacheName: pulumi.Output<string>;
  /** Address of the cache's repository, without a tag. */
  readonly cacheUrl: pulumi.Output<string>;
  /** Account whose registry this is. */
  readonly registryId: pulumi.Output<string>;
  /** What must exist before Lambda can pull. */
  readonly pullPolicy: aws.ecr.RepositoryPolicy;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ImageRepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:image:ImageRepository", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };

    const images = new aws.ecr.Repository(
      name,
      { ...repositoryArgs(name, args.protectData), imageTagMutability: "IMMUTABLE" },
      { ...parent, ...dataOptions(args.protectData) },
    );
    const cache = new aws.ecr.Repository(
      `${name}-cache`,
      // A cache can be made anew, whatever the stack protects.
      { ...repositoryArgs(`${name}-cache`, false), imageTagMutability: "MUTABLE" },
      parent,
    );

    new aws.ecr.LifecyclePolicy(
      name,
      { repository: images.name, policy: lifecyclePolicy(keepNewest(keptImages)) },
      parent,
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-cache`,
      { repository: cache.name, policy: lifecyclePolicy(expireReplaced(7)) },
      parent,
    );

    this.pullPolicy = new aws.ecr.RepositoryPolicy(
      name,
      { repository: images.name, policy: pullPolicy(images.arn, args.functionNames) },
      parent,
    );

    this.repositoryName = images.name;
    this.repositoryUrl = images.repositoryUrl;
    this.cacheName = cache.name;
    this.cacheUrl = cache.repositoryUrl;
    this.registryId = images.registryId;
    this.registerOutputs({ repositoryUrl: this.repositoryUrl, cacheUrl: this.cacheUrl });
  }
}

function repositoryArgs(name: string, protectData: boolean): aws.ecr.RepositoryArgs {
  return {
    name: physicalName(name),
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfigurations: [{ encryptionType: "AES256" }],
    forceDelete: !protectData,
  };
}

function lifecyclePolicy(rule: object): string {
  return JSON.stringify({ rules: [{ rulePriority: 1, ...rule, action: { type: "expire" } }] });
}

/** By count and not by tag: images are pushed by digest, so that the one that is running has no tag either. */
function keepNewest(images: number): object {
  return {
    description: `Keep the newest ${images} images`,
    selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: images },
  };
}

/** Once its tag has moved on, a cache is of use to nobody. */
function expireReplaced(days: number): object {
  return {
    description: `Expire replaced caches after ${days} days`,
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: days },
  };
}

/**
 * Lets Lambda fetch images, for these functions only
 * (https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions).
 * Their ARNs are put together, since a function can only be made once its image can be fetched.
 */
function pullPolicy(repositoryArn: pulumi.Output<string>, functionNames: readonly string[]): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "LambdaPull",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Condition: {
        StringEquals: { "aws:SourceAccount": repositoryArn.apply(accountOf) },
        ArnLike: { "aws:SourceArn": repositoryArn.apply((arn) => functionNames.map((name) => functionArn(arn, name))) },
      },
    },
  ]);
}
