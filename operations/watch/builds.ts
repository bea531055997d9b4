/** Builds and pushes images as the program does (components/containerImage.ts), without Pulumi between. */
import { randomUUID } from "crypto";
import * as fs from "fs/promises";
import { existsSync, rmSync } from "fs";
import * as os from "os";
import * as path from "path";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { parse } from "yaml";
import { platform } from "../../components/internal/platform";
import { builderAddress, builderName } from "../../local/builder";
import { probe } from "../../local/commands";
import { StepError } from "../../local/errors";
import { ensureBuildKit } from "../../local/toolchain/buildkit";
import type { AwsSettings, DeployedStack } from "../deployed-stack";

/** What a machine builds images with. */
export interface Builder {
  /** BuildKit's own client and its daemon's address; without it, Docker's client builds. */
  readonly buildctl?: { readonly program: string; readonly address: string };
  /** The buildx builder of Docker's client; unset: its current one. */
  readonly name?: string;
  /** Base image in a Dockerfile to the BuildKit context that takes its place. */
  readonly baseImages: Readonly<Record<string, string>>;
  /** BuildKit secrets: id to file. */
  readonly secretFiles: Readonly<Record<string, string>>;
}

/** What the stack's configuration says about builds, on the local stack with BuildKit's own client. */
export async function builderOf(stack: DeployedStack): Promise<Builder> {
  const settings = await fs.readFile(path.join(stack.pulumi.cwd, `Pulumi.${stack.name}.yaml`), "utf8");
  const { config } = parse(settings) as { readonly config: Readonly<Record<string, unknown>> };
  const {
    builder,
    baseImages = {},
    secretFiles = {},
  } = (config["student-helper:imageBuild"] ?? {}) as Partial<Builder & { readonly builder: string }>;
  if (builder !== builderName) return { name: builder, baseImages, secretFiles };
  const missing = (): Promise<string> =>
    Promise.reject(new StepError("the toolchain is incomplete.", "`npm start` makes it."));
  const folder = await ensureBuildKit(missing, "");
  return { buildctl: { program: path.join(folder, "buildctl"), address: builderAddress() }, baseImages, secretFiles };
}

/** Builds an image, pushes it by digest to a repository (host and name), and returns the digest. */
export type Build = (image: string, repository: string) => Promise<string>;

/**
 * Signs in to the stack's registry, in a folder that is gone when this process ends, and makes ready for builds.
 *
 * @param context the folder `images/`.
 * @returns what builds; it throws a StepError with the end of what a build printed that failed.
 */
export async function builds(aws: AwsSettings, registry: string, builder: Builder, context: string): Promise<Build> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "student-helper-watch-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const own = process.env.DOCKER_CONFIG ?? path.join(os.homedir(), ".docker");
  const signIn = expiring(11 * 60 * 60 * 1000, async () => {
    const { authorizationData = [] } = await new ECRClient(aws).send(new GetAuthorizationTokenCommand({}));
    await writeDockerConfig(folder, own, registry, authorizationData[0]?.authorizationToken ?? "");
  });
  return async (image, repository) => {
    await signIn();
    const metadata = path.join(folder, `${randomUUID()}.json`);
    const [program, args] = buildCommand(builder, image, repository, metadata);
    const result = await probe(program, args, { cwd: context, env: dockerEnvironment(folder, own) });
    if (result.exitCode !== 0) throw buildError(image, builder, result.all);
    const built = JSON.parse(await fs.readFile(metadata, "utf8")) as { readonly "containerimage.digest": string };
    return built["containerimage.digest"];
  };
}

/**
 * Writes settings of Docker's client that are the user's own (logins, plugins, contexts), and sign in to one registry more.
 *
 * @param folder where to
 * @param own the user's folder, which need not exist
 * @param auth as ECR gives it
 */
export async function writeDockerConfig(folder: string, own: string, registry: string, auth: string): Promise<void> {
  const text = await fs.readFile(path.join(own, "config.json"), "utf8").catch(() => "{}");
  const config = JSON.parse(text) as Partial<Record<"auths" | "credHelpers", object>> & {
    readonly cliPluginsExtraDirs?: readonly string[];
  };
  const merged = {
    ...config,
    auths: { ...config.auths, [registry]: { auth } },
    // Else the user's credential store would be asked, which does not know this login.
    credHelpers: { ...config.credHelpers, [registry]: "" },
    cliPluginsExtraDirs: [path.join(own, "cli-plugins"), ...(config.cliPluginsExtraDirs ?? [])],
  };
  await fs.writeFile(path.join(folder, "config.json"), JSON.stringify(merged), { mode: 0o600 });
  const contexts = path.join(own, "contexts");
  if (existsSync(contexts)) await fs.cp(contexts, path.join(folder, "contexts"), { recursive: true, force: true });
}

/** The environment of Docker's client with such settings, and with the user's builders. */
export function dockerEnvironment(folder: string, own: string): Record<string, string> {
  return { DOCKER_CONFIG: folder, BUILDX_CONFIG: process.env.BUILDX_CONFIG ?? path.join(own, "buildx") };
}

/**
 * Why an image was not built, and what to do.
 *
 * @param output what the build printed
 */
export function buildError(image: string, { name }: Pick<Builder, "name">, output: string): StepError {
  if (output.includes("push-by-digest is currently not implemented for docker driver")) {
    return new StepError(
      `${name === undefined ? "the current buildx builder" : `the buildx builder ${name}`} is Docker's own, which cannot push by digest.`,
      "use one that can: `docker buildx create --use --driver docker-container` makes it the current one.",
    );
  }
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return new StepError(
    [`the image ${image} cannot be built:`, ...lines.slice(-15).map((line) => `    ${line}`)].join("\n"),
    "mend it and save: what runs was left alone.",
  );
}

/**
 * The command that builds and pushes an image; its working folder is the build context `images/`.
 *
 * The flags say what components/containerImage.ts says to the docker-build plugin, but for the cache in the registry: the
 * builder's own is nearer. So the image is the same one, byte for byte, that the next update would build.
 */
export function buildCommand(
  { buildctl, name, baseImages, secretFiles }: Builder,
  image: string,
  repository: string,
  metadata: string,
): readonly [program: string, args: readonly string[]] {
  const output = `type=image,name=${repository},push=true,push-by-digest=true,oci-mediatypes=false`;
  const secrets = Object.entries(secretFiles).flatMap(([id, file]) => ["--secret", `id=${id},src=${file}`]);
  const common = [...secrets, "--metadata-file", metadata, "--output", output, "--progress=plain"];
  if (buildctl === undefined) {
    const contexts = Object.entries(baseImages).flatMap(([base, context]) => [`--build-context`, `${base}=${context}`]);
    const options = [
      ...(name === undefined ? [] : [`--builder=${name}`]),
      `--platform=${platform}`,
      "--provenance=false",
    ];
    return ["docker", ["buildx", "build", ...options, `--file=${image}/Dockerfile`, ...contexts, ...common, "."]];
  }
  const frontend = ["--frontend=dockerfile.v0", "--opt=filename=Dockerfile", `--opt=platform=${platform}`];
  const context = ["--local", "context=.", "--local", `dockerfile=${image}`];
  const bases = Object.entries(baseImages).flatMap(([base, location], index) => namedContext(base, location, index));
  return [buildctl.program, ["--addr", buildctl.address, "build", ...frontend, ...context, ...bases, ...common]];
}

/** `oci-layout://<folder>@<digest>` is a folder of this machine, which BuildKit's client hands over under a name. */
function namedContext(base: string, location: string, index: number): string[] {
  const [, folder, digest] = /^oci-layout:\/\/(.+)@(sha256:\w+)$/.exec(location) ?? [];
  if (folder === undefined || digest === undefined) return [`--opt=context:${base}=${location}`];
  return [`--opt=context:${base}=oci-layout://base-${index}@${digest}`, "--oci-layout", `base-${index}=${folder}`];
}

/** An action that is done again only when what it did last has expired. */
function expiring(milliseconds: number, action: () => Promise<void>): () => Promise<void> {
  let last: { readonly time: number; readonly done: Promise<void> } | undefined;
  return () => {
    if (last === undefined || Date.now() - last.time > milliseconds) last = { time: Date.now(), done: action() };
    return last.done;
  };
}
