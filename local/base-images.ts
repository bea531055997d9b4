import * as fs from "fs/promises";
import * as path from "path";
import { type BuildSecrets, certificateAuthorities } from "./build-secrets";
import type { Builder } from "./builder";
import { cached, digest, sources } from "./cache";
import { run } from "./commands";
import { ensureImage } from "./docker-engine";
import { goBuild, type GoBuild, goModule } from "./toolchain/go";
import { packageIndex } from "./toolchain/python";

/** The Debian release whose Python is the Lambda base image's: 3.13. */
const suite = "trixie";
const packages = ["ca-certificates", "python3", "python3-venv"];

const recipes = path.join(__dirname, "base-images");

const runtimeInterfaceEmulator: GoBuild = { module: "lambda-runtime-interface-emulator", packages: ["."] };

/**
 * Makes Debian's minimal root file system, once, as the archive that the base images start from.
 *
 * @returns the folder that holds `rootfs.tar`.
 */
export async function ensureDebian(log: string): Promise<string> {
  const { folder } = await cached("debian", [suite, ...packages], async (unfinished) => {
    const options = {
      logFile: log,
      next: "read what it printed: making a Debian system needs root, and a cache folder whose disk allows device files.",
      source: "Debian's package mirror (deb.debian.org)",
    };
    const rootfs = path.join(unfinished, "rootfs");
    await run("debootstrap", ["--variant=minbase", `--include=${packages.join(",")}`, suite, rootfs], options);
    const left = ["./dev/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./usr/share/doc/*", "./usr/share/locale/*"];
    const excluded = left.map((pattern) => `--exclude=${pattern}`);
    await run("tar", ["--create", "--directory", rootfs, ...excluded, "--file", `${rootfs}.tar`, "."], options);
    await fs.rm(rootfs, { recursive: true });
  });
  return folder;
}

/** What images are built with. */
export interface ImageTools {
  readonly builder: Builder;
  /** The folder that {@link ensureDebian} returned. */
  readonly debian: string;
  readonly secrets: BuildSecrets;
}

/**
 * The names by which a checkout's Dockerfiles begin with the Lambda runtime's base image: a name with a digest, once one is
 * pinned, is another name for BuildKit.
 */
export async function lambdaBaseNames(checkout: string): Promise<string[]> {
  const images = path.join(checkout, "images");
  const folders = await fs.readdir(images);
  const texts = await Promise.all(
    folders.map((folder) => fs.readFile(path.join(images, folder, "Dockerfile"), "utf8").catch(() => "")),
  );
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^FROM (public\.ecr\.aws\/lambda\/\S+)/gm)].map(([, name]) => name!),
  );
  return [...new Set(names)].sort();
}

/** The stand-in for the Lambda runtime's base image, as BuildKit's named contexts take it. */
export async function ensureLambdaBaseImage(
  tools: ImageTools,
  go: () => Promise<string>,
  log: string,
): Promise<string> {
  const authorities = await certificateAuthorities();
  const inputs = [
    ...(await imageInputs(tools)),
    ...(await sources(goModule(runtimeInterfaceEmulator.module))),
    ...(authorities ? [await fs.readFile(authorities, "utf8")] : []),
  ];
  const secrets = { ...tools.secrets, ...(authorities ? { ca_bundle: authorities } : {}) };
  const { folder } = await cached("lambda-base", inputs, async (unfinished) => {
    const context = path.join(unfinished, "context");
    await fs.mkdir(context);
    await goBuild(await go(), runtimeInterfaceEmulator, context, log);
    await buildImage(
      { ...tools, secrets },
      "lambda",
      context,
      `type=oci,tar=false,dest=${path.join(unfinished, "image")}`,
      log,
    );
  });
  return ociLayout(path.join(folder, "image"));
}

/**
 * The stand-in for the official PostgreSQL image, with pgvector, in the Docker engine.
 *
 * @returns what stands before `/postgres:17-alpine` in its name.
 */
export async function ensurePostgresImage(tools: ImageTools, log: string): Promise<string> {
  const inputs = await imageInputs(tools);
  // By content, so that the engine's image is the one of this recipe. No registry is asked for a name at `localhost`.
  const prefix = `localhost/student-helper-${digest(inputs)}`;
  const name = `${prefix}/postgres:17-alpine`;
  const { folder } = await cached("postgres", inputs, async (unfinished) => {
    const context = path.join(unfinished, "context");
    await fs.mkdir(context);
    const archive = path.join(unfinished, "image.tar");
    await buildImage(
      tools,
      "postgres",
      context,
      `type=docker,compression=uncompressed,force-compression=true,name=${name},dest=${archive}`,
      log,
    );
  });
  await ensureImage(name, path.join(folder, "image.tar"), log);
  return prefix;
}

const imageInputs = async ({ debian }: ImageTools): Promise<string[]> => [
  path.basename(debian),
  ...(await sources(recipes)),
];

/** Builds a stage of base-images/Dockerfile. The recipes are added to the folder `context`, which is gone afterwards. */
async function buildImage(
  { builder, debian, secrets }: ImageTools,
  stage: string,
  context: string,
  output: string,
  log: string,
): Promise<void> {
  await fs.link(path.join(debian, "rootfs.tar"), path.join(context, "rootfs.tar"));
  await fs.cp(recipes, context, { recursive: true });
  await run(
    builder.buildctl,
    [
      ...["--addr", builder.address, "build", "--progress=plain", "--frontend=dockerfile.v0"],
      ...["--local", `context=${context}`, "--local", `dockerfile=${recipes}`, "--opt", `target=${stage}`],
      ...Object.entries(secrets).flatMap(([id, file]) => ["--secret", `id=${id},src=${file}`]),
      ...["--output", output],
    ],
    {
      logFile: log,
      next: "read what the build printed: the fault is in local/base-images/Dockerfile or in the root file system.",
      source: `${packageIndex} and Debian's package mirror (deb.debian.org)`,
    },
  );
  await fs.rm(context, { recursive: true });
}

/** The address of the one image in a folder of OCI layout, by digest, as BuildKit's named contexts take it. */
async function ociLayout(folder: string): Promise<string> {
  const index = JSON.parse(await fs.readFile(path.join(folder, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  return `oci-layout://${folder}@${index.manifests[0]!.digest}`;
}
