import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { StepError } from "../errors";

/** The release of the Terraform AWS provider that the AWS plugin of `toolchain/aws` is made for. */
const release = "5.100.0";

/** The variable that names the provider's file: to this project, and to the AWS plugin of `toolchain/aws`. */
export const terraformProviderVariable = "TERRAFORM_PROVIDER_AWS";

/**
 * Finds the Terraform AWS provider in the filesystem mirrors of this machine.
 *
 * @throws StepError which says where it was looked for.
 */
export async function findTerraformProviderAws(): Promise<string> {
  const named = process.env[terraformProviderVariable];
  if (named) {
    if (await isFile(named)) return named;
    throw new StepError(
      `${named} (${terraformProviderVariable}) is not a file.`,
      `name the provider's file in ${terraformProviderVariable}, or unset it.`,
    );
  }
  const machine = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const location = path.join("registry.terraform.io", "hashicorp", "aws", release, machine);
  for (const mirror of await mirrors()) {
    const folder = path.join(mirror, location);
    const files = await fs.readdir(folder).catch(() => []);
    const file = files.find((name) => name.startsWith(`terraform-provider-aws_v${release}`));
    if (file) return path.join(folder, file);
  }
  throw new StepError(
    `neither Pulumi's AWS plugin nor the Terraform AWS provider ${release} (${location} in a Terraform filesystem mirror) is on this machine.`,
    `install the Pulumi CLI and run \`pulumi plugin install resource aws\`, or name the provider's file in ${terraformProviderVariable}.`,
  );
}

async function isFile(name: string): Promise<boolean> {
  return fs.stat(name).then(
    (stat) => stat.isFile(),
    () => false,
  );
}

/** Terraform's implied mirror folders (https://developer.hashicorp.com/terraform/cli/config/config-file), and those in /opt. */
async function mirrors(): Promise<string[]> {
  const optional = await fs.readdir("/opt", { withFileTypes: true }).catch(() => []);
  return [
    process.env.TF_PLUGIN_CACHE_DIR,
    path.join(os.homedir(), ".terraform.d", "plugins"),
    path.join(os.homedir(), ".terraform.d", "plugin-cache"),
    path.join(os.homedir(), ".local", "share", "terraform", "plugins"),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    ...optional.filter((entry) => entry.isDirectory()).map((entry) => path.join("/opt", entry.name)),
  ].filter((folder) => folder !== undefined);
}
