import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ImageRepository } from "./imageRepository";
import { projectPath } from "./internal/naming";
import { checkArguments, oneOf } from "./internal/validation";

/** Instruction set of a function, as Lambda names it. */
export type Architecture = (typeof architectures)[number];

/** Every {@link Architecture}. */
export const architectures = ["x86_64", "arm64"] as const;

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
  /** Where the image and its build cache are pushed. */
  readonly repository: ImageRepository;
  /** Absolute path of the build context, which holds `<name>/Dockerfile` and `<name>/Dockerfile.dockerignore`. */
  readonly context: string;
  /** Instruction set that the image is built for. */
  readonly architecture: Architecture;
  /** What this machine needs for its builds. */
  readonly build: ImageBuild;
}

const platforms: Readonly<Record<Architecture, dockerBuild.Platform>> = {
  x86_64: dockerBuild.Platform.Linux_amd64,
  arm64: dockerBuild.Platform.Linux_arm64,
};

const rules = z.object({
  context: z
    .string({ error: "an absolute path" })
    .refine((value) => path.isAbsolute(value), { error: "an absolute path" }),
  architecture: oneOf(architectures),
});

/**
 * The image of one function: built by BuildKit when a file that the Dockerfile's allow-list names has changed, and
 * pushed by digest.
 *
 * Nothing that differs from build to build (commit, time, tag) goes into it, since each would be a difference by itself.
 *
 * @example
 * const image = new ContainerImage("api", { repository, context: "/src/images", architecture: "x86_64", build });
 */
export class ContainerImage extends pulumi.ComponentResource {
  /** What functions run: `<repository>@sha256:<digest>`. */
  readonly imageUri: pulumi.Output<string>;
  /** `sha256:<digest>` of the image's manifest. */
  readonly digest: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ContainerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:image:ContainerImage", name, {}, opts);
    checkArguments(this, name, rules, args);
    const { repository, build } = args;

    const url = at(build.registry, repository.repositoryName, repository.repositoryUrl);
    const cache = pulumi.interpolate`${at(build.registry, repository.cacheName, repository.cacheUrl)}:cache`;
    const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, { parent: this });

    const image = new dockerBuild.Image(
      name,
      {
        context: { location: projectPath(args.context), named: ifAny(namedContexts(build.baseImages)) },
        dockerfile: { location: projectPath(path.join(args.context, name, "Dockerfile")) },
        // One platform and, as the plugin asks for no attestations, one manifest: Lambda refuses an index of several.
        platforms: [platforms[args.architecture]],
        // By digest alone: nothing can move a tag under a function, and builds in a preview need no tag to be made up.
        // `push: true` instead would make previews skip the build.
        exports: [{ raw: pulumi.interpolate`type=registry,name=${url},push-by-digest=true,oci-mediatypes=false` }],
        push: false,
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
        builder: build.builder === undefined ? undefined : { name: build.builder },
        secrets: ifAny(build.secrets),
        ignoreSecretsInDiffCalculation: ifAny(Object.keys(build.secrets)),
        // The plugin does not compare passwords, which ECR changes every time.
        registries: [{ address: url.apply(hostOf), username: login.userName, password: pulumi.secret(login.password) }],
      },
      // The image may still be run by an earlier version of the function; the repository's lifecycle removes it.
      { parent: this, retainOnDelete: true },
    );

    this.digest = image.digest;
    this.imageUri = pulumi.interpolate`${url}@${image.digest}`;
    this.registerOutputs({ imageUri: this.imageUri, digest: this.digest });
  }
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
