import { randomBytes } from "crypto";
import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { LocalWorkspace, type OutputMap, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import type { BuildSecrets } from "./build-secrets";
import { builderName } from "./builder";
import { type Emulator, rootCredentials } from "./emulator";
import { loadProgram } from "./program";

const project = "student-helper";
const stackName = "local";

/** What the local stack's configuration gets from this machine, on top of Pulumi.local.yaml. */
export interface Machine {
  readonly emulator: Emulator;
  /** Where the stand-ins of base images are, by the name that Dockerfiles use. */
  readonly baseImages: Readonly<Record<string, string>>;
  readonly buildSecrets: BuildSecrets;
}

/** Where the pieces of a local stack are. */
export interface Location {
  /** The checkout whose program is applied. */
  readonly checkout: string;
  /** The system's folder. */
  readonly instance: string;
  /** The folder whose `bin` holds the `pulumi` program; undefined for an installed one. */
  readonly pulumiRoot: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const stateFolder = (instance: string): string => path.join(instance, "pulumi-state");

/** Forgets what Pulumi knows of a system's resources: for when the emulator, and so all of them, is gone. */
export async function forgetStack(instance: string): Promise<void> {
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
}

/** The local stack of a system; its `up`, `preview`, `refresh` and `destroy` run the checkout's `index.ts`. */
export async function openStack(location: Location, machine: Machine): Promise<Stack> {
  const { checkout, instance, pulumiRoot, env } = location;
  const workDir = path.join(instance, "workspace");
  await fs.mkdir(workDir, { recursive: true });
  await fs.mkdir(stateFolder(instance), { recursive: true });
  await fs.copyFile(path.join(checkout, "Pulumi.yaml"), path.join(workDir, "Pulumi.yaml"));
  await writeStackSettings(checkout, workDir, machine);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName, projectName: project, program: () => Promise.resolve().then(() => loadProgram(checkout)) },
    {
      workDir,
      pulumiCommand: await PulumiCommand.get(pulumiRoot ? { root: pulumiRoot } : {}),
      envVars: {
        ...env,
        // The engine would stop at the first wrong type; config.ts tells them all.
        PULUMI_OPTION_SKIP_CONFIG_VALIDATION: "true",
        PULUMI_BACKEND_URL: `file://${stateFolder(instance)}`,
        PULUMI_CONFIG_PASSPHRASE: await passphrase(instance),
      },
    },
  );
  await setMissingSecrets(stack);
  return stack;
}

/** A stack's outputs as plain values. */
export function plainOutputs(outputs: OutputMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
}

/**
 * Waits until an update that another process runs has ended, and takes its lock away if it was killed.
 *
 * An update that is killed leaves its lock, a file which names its process.
 */
export async function clearDeadLocks(instance: string): Promise<boolean> {
  const folder = path.join(stateFolder(instance), ".pulumi", "locks", "organization", project, stackName);
  let cleared = false;
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const { pid } = JSON.parse(await fs.readFile(file, "utf8").catch(() => "{}")) as { pid?: number };
    while (pid && isRunning(pid)) await delay(200);
    await fs.rm(file, { force: true });
    cleared = true;
  }
  return cleared;
}

/** Secrets that nothing on this machine needs to be real; the user's own, set in the system's workspace, win. */
const placeholderSecrets = ["student-helper:anthropicApiKey", "student-helper:voyageApiKey"];

async function setMissingSecrets(stack: Stack): Promise<void> {
  const { config = {} } = await stack.workspace.stackSettings(stackName);
  const missing = placeholderSecrets.filter((key) => !(key in config));
  if (missing.length === 0) return;
  const values = missing.map(
    (key) => [key, { value: `local-${randomBytes(12).toString("hex")}`, secret: true }] as const,
  );
  await stack.setAllConfig(Object.fromEntries(values));
}

/** Pulumi.local.yaml with this machine's values; what Pulumi itself put into the system's copy (secrets) is kept. */
async function writeStackSettings(checkout: string, workDir: string, machine: Machine): Promise<void> {
  const file = `Pulumi.${stackName}.yaml`;
  const read = async (folder: string): Promise<StackSettings> =>
    (parse(await fs.readFile(path.join(folder, file), "utf8").catch(() => "")) ?? {}) as StackSettings;
  const committed = await read(checkout);
  const earlier = await read(workDir);
  const secrets = Object.entries(earlier.config ?? {}).filter(([, value]) => isSecret(value));
  const settings: StackSettings = {
    ...(earlier.encryptionsalt ? { encryptionsalt: earlier.encryptionsalt } : {}),
    config: { ...committed.config, ...machineConfig(committed.config ?? {}, machine), ...Object.fromEntries(secrets) },
  };
  await fs.writeFile(path.join(workDir, file), stringify(settings));
}

interface StackSettings {
  readonly encryptionsalt?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "secure" in value;

function machineConfig(committed: Readonly<Record<string, unknown>>, machine: Machine): Record<string, unknown> {
  const { emulator, baseImages, buildSecrets } = machine;
  const endpoints = (committed["aws:endpoints"] ?? []) as readonly Readonly<Record<string, string>>[];
  const here = (services: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.keys(services).map((service) => [service, emulator.endpoint]));
  return {
    "aws:endpoints": endpoints.map(here),
    "aws:accessKey": rootCredentials.accessKeyId,
    "aws:secretKey": rootCredentials.secretAccessKey,
    // The one address of the emulator's HTTP APIs that every HTTP client resolves; `%24` as a shell expands `$default`.
    "student-helper:apiBaseUrl": `${emulator.endpoint}/_aws/execute-api/{apiId}/%24default`,
    "student-helper:imageBuild": {
      registry: `localhost:${emulator.port}`,
      builder: builderName,
      baseImages,
      secretFiles: buildSecrets,
    },
  };
}

async function passphrase(instance: string): Promise<string> {
  const file = path.join(instance, "passphrase");
  const known = await fs.readFile(file, "utf8").catch(() => undefined);
  if (known) return known;
  const made = randomBytes(24).toString("hex");
  await fs.writeFile(file, made, { mode: 0o600 });
  return made;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
