import * as fs from "fs/promises";
import * as path from "path";
import type { BuildSecrets } from "./build-secrets";
import type { Builder } from "./builder";
import { cached, sources } from "./cache";
import { run } from "./commands";
import { goBuild, type GoBuild, goModule } from "./toolchain/go";
import { packageIndex } from "./toolchain/python";

/** The Debian release whose Python is the Lambda base image's: 3.13. */
const suite = "trixie";
const packages = ["ca-certificates", "python3", "python3-venv"];

const recipes = path.join(__dirname, "base-images");

const runtimeInterfaceEmulator: GoBuild = {
  module: "lambda-runtime-interface-emulator",
  packages: ["."],
  // One static program, whatever C library the image has.
  env: { CGO_ENABLED: "0" },
};

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

/** The stand-in for the Lambda runtime's base image. */
export async function ensureLambdaBaseImage(
  tools: {
    readonly builder: Builder;
    readonly debian: string;
    readonly go: () => Promise<string>;
    readonly secrets: BuildSecrets;
  },
  log: string,
): Promise<string> {
  const { builder, debian, go, secrets } = tools;
  const inputs = [
    path.basename(debian),
    ...(await sources(recipes)),
    ...(await sources(goModule(runtimeInterfaceEmulator.module))),
  ];
  const { folder } = await cached("lambda-base", inputs, async (unfinished) => {
    const context = path.join(unfinished, "context");
    await fs.mkdir(context);
    await goBuild(await go(), runtimeInterfaceEmulator, context, log);
    await fs.link(path.join(debian, "rootfs.tar"), path.join(context, "rootfs.tar"));
    await fs.cp(path.join(recipes, "requirements.txt"), path.join(context, "requirements.txt"));
    await run(
      builder.buildctl,
      [
        ...["--addr", builder.address, "build", "--progress=plain", "--frontend=dockerfile.v0"],
        ...["--local", `context=${context}`, "--local", `dockerfile=${recipes}`, "--opt", "target=lambda"],
        ...Object.entries(secrets).flatMap(([id, file]) => ["--secret", `id=${id},src=${file}`]),
        ...["--output", `type=oci,tar=false,dest=${path.join(unfinished, "image")}`],
      ],
      {
        logFile: log,
        next: "read what the build printed: the fault is in local/base-images/Dockerfile or in the root file system.",
        source: packageIndex,
      },
    );
    await fs.rm(context, { recursive: true });
  });
  return ociLayout(path.join(folder, "image"));
}

/** The address of the one image in a folder of OCI layout, by digest, as BuildKit's named contexts take it. */
async function ociLayout(folder: string): Promise<string> {
  const index = JSON.parse(await fs.readFile(path.join(folder, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  return `oci-layout://${folder}@${index.manifests[0]!.digest}`;
}
