import { randomBytes } from "crypto";
import * as fs from "fs/promises";
import * as path from "path";
import {
  CommandError,
  type ConfigMap,
  LocalWorkspace,
  type OutputMap,
  PulumiCommand,
  type Stack,
} from "@pulumi/pulumi/automation";
import { parse, stringify, YAMLParseError } from "yaml";
import type { BuildSecrets } from "./build-secrets";
import { builderName } from "./builder";
import { run } from "./commands";
import { type Emulator, rootCredentials } from "./emulator";
import { remedy, StepError } from "./errors";
import { writeWhole } from "./files";
import type { Models } from "./models";
import { loadProgram } from "./program";
import { print } from "./progress";
import { backendUrl, project, stackName, stateFolder } from "./stack-state";

/** What the local stack's configuration gets from this machine, on top of Pulumi.local.yaml. */
export interface Machine {
  readonly emulator: Emulator;
  readonly models: Models;
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

/**
 * The local stack of a system; its `up`, `preview`, `refresh` and `destroy` run the checkout's `index.ts`.
 *
 * @throws StepError when Pulumi.local.yaml is not YAML, or Pulumi refuses the project.
 */
export async function openStack(location: Location, machine: Machine): Promise<Stack> {
  const { checkout, instance, pulumiRoot, env } = location;
  const workDir = path.join(instance, "workspace");
  await fs.mkdir(workDir, { recursive: true });
  await fs.mkdir(stateFolder(instance), { recursive: true });
  await fs.copyFile(path.join(checkout, "Pulumi.yaml"), path.join(workDir, "Pulumi.yaml"));
  await writeStackSettings(checkout, workDir, machine);
  const envVars = {
    ...env,
    // The engine would stop at the first wrong type; config.ts tells them all.
    PULUMI_OPTION_SKIP_CONFIG_VALIDATION: "true",
    PULUMI_BACKEND_URL: backendUrl(instance),
    PULUMI_CONFIG_PASSPHRASE_FILE: await passphraseFile(instance),
  };
  writeWhole(
    pulumiFile(instance),
    JSON.stringify({ folder: pulumiRoot && path.join(pulumiRoot, "bin"), cwd: workDir, env: envVars }),
  );
  const options = {
    workDir,
    pulumiCommand: await PulumiCommand.get(pulumiRoot ? { root: pulumiRoot } : {}),
    envVars,
  };
  const program = (): Promise<Record<string, unknown>> => Promise.resolve().then(() => loadProgram(checkout));
  try {
    const stack = await LocalWorkspace.createOrSelectStack({ stackName, projectName: project, program }, options);
    await setMissingSecrets(stack, instance);
    await useRealServices(stack);
    return stack;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const next = "mend Pulumi.yaml or Pulumi.local.yaml; if they are right, `npm stop` and `npm start` begin anew.";
    throw new StepError(error.message.trimEnd(), remedy(error.message, next));
  }
}

/** How the Pulumi CLI is run for a stack. */
export interface PulumiCli {
  /** The folder that holds the program; undefined for an installed one. */
  readonly folder?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const pulumiFile = (instance: string): string => path.join(instance, "pulumi.json");

/** How the Pulumi CLI is run for a local stack that was opened before. */
export async function savedPulumiCli(instance: string): Promise<PulumiCli> {
  return JSON.parse(await fs.readFile(pulumiFile(instance), "utf8")) as PulumiCli;
}

/** A stack's outputs as plain values. */
export function plainOutputs(outputs: OutputMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
}

/** Secrets that nothing on this machine needs to be real; the user's own, set in the system's workspace, win. */
const placeholderSecrets = [
  "student-helper:anthropicApiKey",
  "student-helper:voyageApiKey",
  "student-helper:databasePassword",
];

/** How secrets begin that were made here: no vendor's key does. */
const placeholderMark = "local-";

async function setMissingSecrets(stack: Stack, instance: string): Promise<void> {
  const { config = {} } = await stack.workspace.stackSettings(stackName);
  const missing = placeholderSecrets.filter((key) => !(key in config));
  const made = missing.map((key) => [key, `${placeholderMark}${randomBytes(12).toString("hex")}`] as const);
  await setSecrets(instance, Object.fromEntries(made));
}

/**
 * Encrypts secrets into the settings of a local stack that was opened before. They go by standard input, as the automation
 * API's do not: everybody on a machine can read its command lines.
 */
export async function setSecrets(instance: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  const { folder, cwd, env } = await savedPulumiCli(instance);
  const program = folder ? path.join(folder, "pulumi") : "pulumi";
  for (const [key, input] of Object.entries(secrets)) {
    const args = ["config", "set", key, "--secret", "--stack", stackName, "--non-interactive"];
    await run(program, args, { cwd, env, input, next: "`npm stop` and `npm start` begin anew." });
  }
}

/** A vendor whose API a stand-in answers for, and the keys of its configuration. */
interface Vendor {
  readonly name: string;
  readonly apiKey: string;
  readonly baseUrl: string;
}

const vendors: readonly Vendor[] = [
  { name: "Anthropic", apiKey: "student-helper:anthropicApiKey", baseUrl: "student-helper:anthropicBaseUrl" },
  { name: "Voyage AI", apiKey: "student-helper:voyageApiKey", baseUrl: "student-helper:voyageBaseUrl" },
];

/** Lets functions call a vendor itself where the user has set a key of the vendor's. */
async function useRealServices(stack: Stack): Promise<void> {
  for (const { name, baseUrl } of vendorsWithKeys(await stack.getAllConfig())) {
    print(`       ${name} itself is called, as its key is configured, and may charge for it`);
    await stack.removeConfig(baseUrl);
  }
}

/** The vendors whose key in a stack's configuration is the user's own, and not a placeholder. */
export function vendorsWithKeys(config: ConfigMap): Vendor[] {
  return vendors.filter(({ apiKey }) => !(config[apiKey]?.value ?? placeholderMark).startsWith(placeholderMark));
}

/**
 * Writes the stack's settings: Pulumi.local.yaml with this machine's values; what Pulumi itself put into the system's
 * copy (secrets, and the salt of their encryption) is kept.
 *
 * @param committed the folder of Pulumi.local.yaml.
 * @param copy the folder of the system's copy.
 * @throws StepError when Pulumi.local.yaml is not YAML.
 */
export async function writeStackSettings(committed: string, copy: string, machine: Machine): Promise<void> {
  const config = (await readSettings(committed)).config ?? {};
  const earlier = await readSettings(copy);
  const secrets = Object.entries(earlier.config ?? {}).filter(([, value]) => isSecret(value));
  const settings: StackSettings = {
    ...(earlier.encryptionsalt ? { encryptionsalt: earlier.encryptionsalt } : {}),
    config: { ...config, ...machineConfig(machine), ...Object.fromEntries(secrets) },
  };
  writeWhole(path.join(copy, settingsFile), stringify(settings));
}

const settingsFile = `Pulumi.${stackName}.yaml`;

async function readSettings(folder: string): Promise<StackSettings> {
  const file = path.join(folder, settingsFile);
  try {
    return (parse(await fs.readFile(file, "utf8").catch(() => "")) ?? {}) as StackSettings;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new StepError(
      `${file} is not YAML: ${error.message.split(":\n")[0]}.`,
      "mend it, then run the command again.",
    );
  }
}

interface StackSettings {
  readonly encryptionsalt?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "secure" in value;

function machineConfig({ emulator, models, baseImages, buildSecrets }: Machine): Record<string, unknown> {
  return {
    "aws:accessKey": rootCredentials.accessKeyId,
    "aws:secretKey": rootCredentials.secretAccessKey,
    // The one address of the emulator's HTTP APIs that every HTTP client resolves; `%24` as a shell expands `$default`.
    "student-helper:apiBaseUrl": `${emulator.endpoint}/_aws/execute-api/{apiId}/%24default`,
    "student-helper:awsEndpointUrl": emulator.endpoint,
    "student-helper:anthropicBaseUrl": models.anthropicBaseUrl,
    "student-helper:voyageBaseUrl": models.voyageBaseUrl,
    "student-helper:imageBuild": {
      registry: `localhost:${emulator.port}`,
      builder: builderName,
      baseImages,
      secretFiles: buildSecrets,
    },
  };
}

/** The file of the passphrase that encrypts the stack's secrets: made once, readable by its owner alone. */
async function passphraseFile(instance: string): Promise<string> {
  const file = path.join(instance, "passphrase");
  const known = await fs.readFile(file, "utf8").catch(() => undefined);
  if (!known) writeWhole(file, randomBytes(24).toString("hex"), 0o600);
  return file;
}
