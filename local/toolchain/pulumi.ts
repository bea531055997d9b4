import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";

import { cached, sources } from "../cache";
import { probe, run } from "../commands";
import { isFolder } from "../files";
import { goBuild, type GoBuild, goModule } from "./go";
import { findTerraformProviderAws, terraformProviderVariable } from "./terraform-provider";

/** The engine that is built where no Pulumi CLI is installed. */
const release = "v3.250.0";

const cli: GoBuild = {
  module: "pulumi",
  packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
  // The Automation API refuses a CLI without a version.
  ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${release}`,
};

/** A Pulumi plugin: installed, or built from the Go module beside this file. */
interface Plugin {
  readonly name: string;
  /** The npm package whose version the plugin must have. */
  readonly sdk: string;
  readonly build: GoBuild;
}

const plugins: readonly Plugin[] = [
  {
    name: "docker-build",
    sdk: "@pulumi/docker-build",
    build: {
      module: "docker-build",
      packages: ["github.com/pulumi/pulumi-docker-build/provider/cmd/pulumi-resource-docker-build"],
      // Without it, the plugin says that it is 0.0.1.
      ldflags: "-X github.com/pulumi/pulumi-docker-build/provider.Version=0.0.22",
    },
  },
  { name: "aws", sdk: "@pulumi/aws", build: { module: "aws", packages: ["."] } },
];

/** What this machine has of Pulumi; the rest is built. */
export interface InstalledPulumi {
  readonly hasCli: boolean;
  readonly plugins: readonly {
    readonly plugin: Plugin;
    /** Its name in Pulumi's home folder: `resource-<name>-v<version>`. */
    readonly folderName: string;
    /** Where it is installed. */
    readonly folder: string | undefined;
  }[];
  /** What the plugins need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The engine with its plugins. */
export interface PulumiToolchain extends Pick<InstalledPulumi, "env"> {
  /** The folder whose `bin` holds the `pulumi` program; undefined for an installed one. */
  readonly root: string | undefined;
  /** `plugins/<kind>-<name>-v<version>` folders, as Pulumi's home folder has them. */
  readonly plugins: Readonly<Record<string, string>>;
}

/**
 * Finds the Pulumi CLI and the plugins of the versions that package.json pins. An installed CLI installs its plugins, as
 * `pulumi up` would do.
 *
 * @throws StepError when a plugin is not installed and cannot be built either.
 */
export async function findPulumi(log: string): Promise<InstalledPulumi> {
  const { stdout, exitCode } = await probe("pulumi", ["version"]);
  const hasCli = exitCode === 0 && stdout.startsWith("v3.");
  const found = [];
  for (const plugin of plugins) {
    const version = await sdkVersion(plugin.sdk);
    const folderName = `resource-${plugin.name}-v${version}`;
    const folder = path.join(process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi"), "plugins", folderName);
    if (hasCli && !(await isFolder(folder))) {
      const install = ["plugin", "install", "resource", plugin.name, version];
      await run("pulumi", install, { logFile: log, next: "" }).catch(() => "");
    }
    found.push({ plugin, folderName, folder: (await isFolder(folder)) ? folder : undefined });
  }
  const buildsAwsPlugin = found.some(({ plugin, folder }) => plugin.name === "aws" && folder === undefined);
  // A missing provider is found out before minutes go into a build.
  const env: Record<string, string> = buildsAwsPlugin
    ? { [terraformProviderVariable]: await findTerraformProviderAws() }
    : {};
  return { hasCli, plugins: found, env };
}

/** The Pulumi CLI: an installed one (undefined), else one built from its Go module (the folder whose `bin` holds it). */
export async function ensurePulumiCli(
  { hasCli }: InstalledPulumi,
  go: () => Promise<string>,
  log: string,
): Promise<string | undefined> {
  if (hasCli) return undefined;
  const inputs = [JSON.stringify(cli), ...(await sources(goModule(cli.module)))];
  const { folder } = await cached("pulumi", inputs, async (unfinished) =>
    goBuild(await go(), cli, path.join(unfinished, "bin"), log),
  );
  return folder;
}

/** The plugins' folders: the installed ones, else those built from their Go modules. */
export async function ensurePulumiPlugins(
  installed: InstalledPulumi,
  go: () => Promise<string>,
  log: string,
): Promise<PulumiToolchain["plugins"]> {
  const folders: Record<string, string> = {};
  for (const { plugin, folderName, folder } of installed.plugins) {
    folders[folderName] = folder ?? (await buildPlugin(plugin, go, log));
  }
  return folders;
}

async function buildPlugin({ name, build }: Plugin, go: () => Promise<string>, log: string): Promise<string> {
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached(`pulumi-resource-${name}`, inputs, async (to) => goBuild(await go(), build, to, log));
  return folder;
}

async function sdkVersion(name: string): Promise<string> {
  const manifest = await fs.readFile(require.resolve(`${name}/package.json`), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
