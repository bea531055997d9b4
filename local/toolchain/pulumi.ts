import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";

import { cached, sources } from "../cache";
import { probe, run } from "../commands";
import { goBuild, type GoBuild, goModule } from "./go";
import { findTerraformProviderAws } from "./terraform-provider";

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

/** The engine with its plugins. */
export interface PulumiToolchain {
  /** The folder whose `bin` holds the `pulumi` program; undefined for an installed one. */
  readonly root: string | undefined;
  /** `plugins/<kind>-<name>-v<version>` folders, as Pulumi's home folder has them. */
  readonly plugins: Readonly<Record<string, string>>;
  /** What the plugins need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The Pulumi CLI: an installed one (undefined), else one built from its Go module (the folder whose `bin` holds it). */
export async function ensurePulumiCli(go: () => Promise<string>, log: string): Promise<string | undefined> {
  if (await isPulumiInstalled()) return undefined;
  const inputs = [JSON.stringify(cli), ...(await sources(goModule(cli.module)))];
  const { folder } = await cached("pulumi", inputs, async (unfinished) =>
    goBuild(await go(), cli, path.join(unfinished, "bin"), log),
  );
  return folder;
}

/** The plugins of the versions that package.json pins: installed ones, else built. */
export async function ensurePulumiPlugins(
  go: () => Promise<string>,
  log: string,
): Promise<Pick<PulumiToolchain, "plugins" | "env">> {
  const folders: Record<string, string> = {};
  const env: Record<string, string> = {};
  for (const plugin of plugins) {
    const version = await sdkVersion(plugin.sdk);
    const folder = `resource-${plugin.name}-v${version}`;
    const installed = await installedPlugin(folder, plugin.name, version, log);
    folders[folder] = installed ?? (await buildPlugin(plugin, go, log));
    if (plugin.name === "aws" && !installed) env.TERRAFORM_PROVIDER_AWS = await findTerraformProviderAws();
  }
  return { plugins: folders, env };
}

async function buildPlugin(plugin: Plugin, go: () => Promise<string>, log: string): Promise<string> {
  const { build } = plugin;
  // A missing provider is found out before minutes go into the build.
  if (plugin.name === "aws") await findTerraformProviderAws();
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached(`pulumi-resource-${plugin.name}`, inputs, async (to) =>
    goBuild(await go(), build, to, log),
  );
  return folder;
}

async function isPulumiInstalled(): Promise<boolean> {
  const { stdout, exitCode } = await probe("pulumi", ["version"]);
  return exitCode === 0 && stdout.startsWith("v3.");
}

/** The folder of an installed plugin; with an installed CLI it is installed if need be, as `pulumi up` would do. */
async function installedPlugin(
  folder: string,
  name: string,
  version: string,
  log: string,
): Promise<string | undefined> {
  const home = process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
  const candidate = path.join(home, "plugins", folder);
  const there = (): Promise<boolean> =>
    fs.access(candidate).then(
      () => true,
      () => false,
    );
  if (await there()) return candidate;
  if (!(await isPulumiInstalled())) return undefined;
  await run("pulumi", ["plugin", "install", "resource", name, version], { logFile: log, next: "" }).catch(() => "");
  return (await there()) ? candidate : undefined;
}

async function sdkVersion(name: string): Promise<string> {
  const manifest = await fs.readFile(require.resolve(`${name}/package.json`), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
