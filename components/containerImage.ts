import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ImageRepository } from "./imageRepository";
import { fail } from "./internal/failure";
import { withNormalModes } from "./internal/fileModes";
import { shortName } from "./internal/limits";
import { physicalName, projectPath } from "./internal/naming";
import { platform } from "./internal/platform";
import { checkArguments, input, textLike } from "./internal/validation";

/** How images are built on a machine that cannot use the defaults; all of it unset in the cloud. */
export interface ImageBuild {
  /** Registry host that images are pushed to and pulled from. @default the repository's own */
  readonly registry?: string;
  /** Name of the buildx builder. @default the current one */
  readonly builder?: string;
  /** Base image in a Dockerfile to the BuildKit context that takes its place. */
  readonly baseImages: Readonly<Record<string, string>>;
  /** BuildKit secrets: id to content. Their change rebuilds nothing. */
  readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Arguments of {@link ContainerImage}. */
export interface ContainerImageArgs {
  /** Names of the functions that run it, and so may pull it. */
  readonly functions: readonly string[];
  /**
   * Absolute path of the build context, which holds `<name>/Dockerfile` and `<name>/Dockerfile.dockerignore`, and
   * `_copy/Dockerfile` for copies.
   */
  readonly context: string;
  /**
   * `<repository>@sha256:<digest>` of an image that was built before, such as another stack's. If its registry is another
   * account's, the policy of its repository must let whoever deploys this stack pull: `ecr:BatchGetImage`,
   * `ecr:GetDownloadUrlForLayer` and `ecr:BatchCheckLayerAvailability`
   * (https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html).
   *
   * @default none: it is built
   */
  readonly copyOf?: pulumi.Input<string>;
  /** What this machine needs for its builds, and of that registry and builder for copies, too. */
  readonly build: ImageBuild;
  /** Whether the repository refuses to be deleted while it holds images. */
  readonly protectData: boolean;
}

const originals = "<repository>@sha256:<digest>";

const rules = z.object({
  name: shortName,
  functions: z.array(shortName).min(1, { error: "at least one function" }),
  context: z
    .string({ error: "an absolute path" })
    .refine((value) => path.isAbsolute(value), { error: "an absolute path" }),
  copyOf: input(textLike(/^[^\s@]+@sha256:[0-9a-f]{64}$/, originals)).optional(),
});

/**
 * An image with its repository: built by BuildKit when a file that the Dockerfile's allow-list names has changed, or
 * copied from another repository as it is, and pushed by digest. Several functions may run it, each with a command of its
 * own.
 *
 * Nothing that differs from build to build (commit, time, tag) goes into it, since each would be a difference by itself.
 *
 * @example
 * const image = new ContainerImage("api", {
 *   functions: ["api", "migrate"],
 *   context: path.join(__dirname, "images"),
 *   build: { baseImages: {}, secrets: {} },
 *   protectData: true,
 * });
 */
export class ContainerImage extends pulumi.ComponentResource {
  /** What functions run: `<repository>@sha256:<digest>`. */
  readonly imageUri: pulumi.Output<string>;
  /** `sha256:<digest>` of the image's manifest. */
  readonly digest: pulumi.Output<string>;
  /** What must exist before Lambda can pull it. */
  readonly pullPolicy: pulumi.Resource;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ContainerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:image:ContainerImage", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const { build, context, copyOf } = args;

    const repository = new ImageRepository(
      name,
      { functionNames: args.functions.map(physicalName), protectData: args.protectData },
      { parent: this },
    );
    const url = at(build.registry, repository.repositoryName, repository.repositoryUrl);
    const cache = pulumi.interpolate`${at(build.registry, repository.cacheName, repository.cacheUrl)}:cache`;
    const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, { parent: this });

    const image = new dockerBuild.Image(
      name,
      {
        ...(copyOf === undefined ? builtFrom(context, name, build, cache) : copiedFrom(context, copyOf)),
        // One platform and, as the plugin asks for no attestations, one manifest: Lambda refuses an index of several.
        platforms: [platform],
        // By digest alone: nothing can move a tag under a function, and builds in a preview need no tag to be made up.
        // `push: true` instead would make previews skip the build.
        exports: [{ raw: pulumi.interpolate`type=registry,name=${url},push-by-digest=true,oci-mediatypes=false` }],
        push: false,
        builder: build.builder === undefined ? undefined : { name: build.builder },
        registries: registries(copyOf === undefined ? [url] : [url, copyOf], login),
      },
      // The image may still be run by an earlier version of the function; the repository's lifecycle removes it.
      { parent: this, retainOnDelete: true },
    );

    this.digest = copyOf === undefined ? image.digest : sameDigest(image.digest, copyOf);
    this.imageUri = pulumi.interpolate`${url}@${this.digest}`;
    this.pullPolicy = repository.pullPolicy;
    this.registerOutputs({ imageUri: this.imageUri, digest: this.digest });
  }
}

type ImageArgs = Omit<dockerBuild.ImageArgs, "push">;

/** A build of a Dockerfile. */
function builtFrom(context: string, name: string, build: ImageBuild, cache: pulumi.Output<string>): ImageArgs {
  return {
    context: { location: projectPath(withNormalModes(context)), named: ifAny(namedContexts(build.baseImages)) },
    dockerfile: { location: projectPath(path.join(context, name, "Dockerfile")) },
    cacheFrom: [{ registry: { ref: cache } }],
    // A preview writes the cache, too: where its role may not (a pull request's), the build goes on without.
    cacheTo: [
      {
        registry: {
          ref: cache,
          mode: dockerBuild.CacheMode.Max,
          imageManifest: true,
          ociMediaTypes: true,
          ignoreError: true,
        },
      },
    ],
    secrets: ifAny(build.secrets),
    ignoreSecretsInDiffCalculation: ifAny(Object.keys(build.secrets)),
  };
}

/** A build without a step, whose result is the image that it begins with. */
function copiedFrom(context: string, original: pulumi.Input<string>): ImageArgs {
  const folder = path.join(context, "_copy");
  return {
    context: {
      location: projectPath(withNormalModes(folder)),
      named: { original: { location: pulumi.interpolate`docker-image://${original}` } },
    },
    dockerfile: { location: projectPath(path.join(folder, "Dockerfile")) },
  };
}

/** The digest of a copy, which is that of its original: BuildKit writes the manifest anew, from the same contents. */
function sameDigest(copied: pulumi.Output<string>, original: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.all([copied, original]).apply(([digest, uri]) => {
    if (uri.endsWith(`@${digest}`)) return digest;
    return fail(
      `The copy of ${uri} has another digest, ${digest}: BuildKit has changed the image. No function runs it. ` +
        "Use the version of BuildKit that built the original.",
    );
  });
}

/**
 * The logins to all registries that images come from and go to. A token of ECR is good for every registry that its owner
 * may use (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html).
 */
function registries(
  images: readonly pulumi.Input<string>[],
  login: pulumi.Output<aws.ecr.GetAuthorizationTokenResult>,
): dockerBuild.ImageArgs["registries"] {
  return pulumi.all([...images]).apply((urls) =>
    [...new Set(urls.map(hostOf))].map((address) => ({
      address,
      username: login.userName,
      // The plugin does not compare passwords, which ECR changes every time.
      password: pulumi.secret(login.password),
    })),
  );
}

/** A repository's address, in another registry if there is one. */
function at(
  registry: string | undefined,
  name: pulumi.Output<string>,
  url: pulumi.Output<string>,
): pulumi.Output<string> {
  return registry === undefined ? url : pulumi.interpolate`${registry}/${name}`;
}

function hostOf(url: string): string {
  return url.split("/")[0] ?? url;
}

function namedContexts(baseImages: ImageBuild["baseImages"]): Record<string, { location: string }> {
  return Object.fromEntries(Object.entries(baseImages).map(([image, location]) => [image, { location }]));
}

/** Nothing instead of an empty collection, which the plugin reads back as nothing and would call a difference. */
function ifAny<T extends object>(collection: T): T | undefined {
  return Object.keys(collection).length > 0 ? collection : undefined;
}
