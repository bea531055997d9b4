/**
 * The only place that reads configuration.
 *
 * Every key is declared in Pulumi.yaml, which also holds the defaults; its values are checked here, all at once, before
 * any resource is made. `validateConfig` is pure, for tests; `loadConfig` gives it what the engine passed in.
 */
import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import * as limits from "./components/internal/limits";
import * as validation from "./components/internal/validation";
import { examples, lists, secretRules, shapeFor, textKeys } from "./configShape";
import { functions, type FunctionDefinition, type FunctionName } from "./functions";

/** What the program runs with: validated, frozen, defaults filled in. */
export interface Config {
  readonly stack: string;
  readonly region: string;
  /** Address of the emulator that takes AWS's place; unset: AWS itself. */
  readonly awsEndpointUrl?: string;
  /** Address of the AWS console; unset on an emulator, which has none. */
  readonly consoleUrl?: string;
  /** Whether AWS is reached by TLS, as it always is but on an emulator. */
  readonly tlsOnly: boolean;
  /** Origins of the browsers' pages that may call the API and upload. */
  readonly corsOrigins: readonly string[];
  readonly logLevel: limits.LogLevel;
  readonly logRetentionDays: number;
  /** Requests per second over all of the API's routes. */
  readonly throttleRate: number;
  /** Requests that may come at once. */
  readonly throttleBurst: number;
  /** Largest upload in megabytes of 1,048,576 bytes. */
  readonly maxUploadMegabytes: number;
  /** How long a deleted or overwritten upload can be brought back, in days; 0: as long as the bucket exists. */
  readonly recoveryDays: number;
  /** Who is told of alarms. */
  readonly alarmEmails: readonly string[];
  /** Whether whatever holds data refuses to be deleted with it. */
  readonly protectData: boolean;
  /** Name of the policy that bounds what the roles of the stack's resources may do; unset: there is none. */
  readonly permissionsBoundary?: string;
  /** Size of the database's machine. */
  readonly databaseInstanceClass: string;
  /** Size of the database's disk. */
  readonly databaseStorageGigabytes: number;
  readonly databasePassword: pulumi.Output<string>;
  /** Whether a standby of the database takes over if its availability zone fails. */
  readonly databaseMultiAz: boolean;
  /** Whether functions reach the database by a proxy. */
  readonly databaseProxy: boolean;
  /** Whether functions and database are in the account's default VPC. */
  readonly defaultVpc: boolean;
  /** How functions reach the internet from the stack's own VPC. */
  readonly natGateways: limits.NatGateways;
  readonly anthropicModel: string;
  readonly anthropicApiKey: pulumi.Output<string>;
  /** Address of the Anthropic API; unset: Anthropic's own. */
  readonly anthropicBaseUrl?: string;
  readonly voyageModel: string;
  readonly voyageApiKey: pulumi.Output<string>;
  /** Address of the Voyage AI API; unset: Voyage AI's own. */
  readonly voyageBaseUrl?: string;
  /** The registry with this stack's overrides. */
  readonly functions: Readonly<Record<FunctionName, FunctionDefinition>>;
  readonly images: {
    /** The stack whose images this one takes over; unset: it builds its own. */
    readonly from?: string;
  };
  /** How new versions prove themselves before they serve; unset: they serve at once. */
  readonly canary?: CanaryConfig;
  readonly imageBuild: ImageBuildConfig;
  /** Address under which the API is reached, with `{apiId}` in the place of its id; unset: the API's own endpoint. */
  readonly apiBaseUrl?: string;
}

/** How new versions prove themselves. */
export interface CanaryConfig {
  /** Their share of the traffic meanwhile. */
  readonly percent: number;
  readonly minutes: number;
}

/** What became of the files of BuildKit secrets. */
interface SecretFiles {
  readonly contents: ImageBuildConfig["secrets"];
  readonly problems: readonly validation.MendableProblem[];
}

/** How images are built on a machine that cannot use the defaults. */
export interface ImageBuildConfig {
  /** Registry host that images are pushed to and pulled from; unset: the repository's own. */
  readonly registry?: string;
  /** Name of the buildx builder; unset: the current one. */
  readonly builder?: string;
  /** Base image in a Dockerfile to the BuildKit context that takes its place. */
  readonly baseImages: Readonly<Record<string, string>>;
  /** BuildKit secrets: id to content. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/** What `validateConfig` is given. */
export interface RawConfig {
  readonly project: string;
  readonly stack: string;
  /** The stacks that have a file. */
  readonly stacks: readonly string[];
  /** Full key (`student-helper:logLevel`) to value; objects and lists as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether the value of a full key is encrypted. */
  readonly isSecret: (key: string) => boolean;
  /** Reads a BuildKit secret's file; throws if it cannot. */
  readonly readFile: (path: string) => string;
}

/** All that is wrong with a stack's configuration. Pulumi prints the message of a `RunError` without a stack trace. */
export class ConfigError extends pulumi.RunError {}

/**
 * Reads and checks the configuration of the stack that is being deployed.
 *
 * @throws ConfigError with every problem, if there is one
 */
export function loadConfig(): Config {
  // Not in the SDK's types, though it is what `Config.get` itself asks: no other way tells a secret from plain text.
  const runtime = pulumi.runtime as typeof pulumi.runtime & { isConfigSecret(key: string): boolean };
  return validateConfig({
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    stacks: fs.readdirSync(__dirname).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []),
    values: runtime.allConfig(),
    isSecret: (key) => runtime.isConfigSecret(key),
    readFile: (path) => fs.readFileSync(path, "utf8"),
  });
}

/**
 * Checks a configuration as a whole.
 *
 * @returns the typed configuration, frozen
 * @throws ConfigError with every problem, if there is one
 */
export function validateConfig(raw: RawConfig): Config {
  const own = ownValues(raw);
  const shape = shapeFor(raw.stack, raw.stacks);
  const plain = Object.fromEntries(
    Object.keys(shape.shape).flatMap((key) => (key in own ? [[key, parseValue(key, own[key] ?? "")]] : [])),
  );
  const parsed = shape.safeParse(plain);
  // Read even if something else is wrong, since every problem is to be reported.
  const secretFiles = shape.shape.imageBuild.safeParse(plain["imageBuild"]).data?.secretFiles ?? {};
  const files = readSecretFiles(raw, secretFiles);
  const problems = [
    ...stackProblems(raw),
    ...unknownKeys(raw, Object.keys(own), [...Object.keys(shape.shape), ...Object.keys(secretRules)]),
    ...secretProblems(raw, own),
    ...shapeProblems(raw, shape, plain),
    ...networkProblems(raw, plain),
    ...files.problems,
    ...regionProblems(raw),
  ];
  if (!parsed.success || problems.length > 0) {
    const title =
      `The configuration of stack "${raw.stack}" (Pulumi.${raw.stack}.yaml) has ` +
      `${validation.count(problems.length, "problem")}; nothing was changed:`;
    throw new ConfigError(validation.formatProblems(title, problems));
  }

  const region = raw.values["aws:region"] ?? "";
  const {
    awsEndpointUrl,
    anthropicBaseUrl,
    voyageBaseUrl,
    apiBaseUrl,
    permissionsBoundary,
    imageBuild,
    canary,
    functions: overrides,
    ...values
  } = parsed.data;
  return freeze({
    ...values,
    stack: raw.stack,
    region,
    awsEndpointUrl: orUndefined(awsEndpointUrl),
    consoleUrl: awsEndpointUrl === "" ? `https://${region}.console.aws.amazon.com` : undefined,
    tlsOnly: !awsEndpointUrl.startsWith("http:"),
    databasePassword: pulumi.secret(own["databasePassword"] ?? ""),
    anthropicApiKey: pulumi.secret(own["anthropicApiKey"] ?? ""),
    anthropicBaseUrl: orUndefined(anthropicBaseUrl),
    voyageApiKey: pulumi.secret(own["voyageApiKey"] ?? ""),
    voyageBaseUrl: orUndefined(voyageBaseUrl),
    functions: override(overrides),
    // Its rule has seen to it that there are both or neither.
    canary: canary.percent === undefined ? undefined : (canary as CanaryConfig),
    imageBuild: {
      registry: imageBuild.registry,
      builder: imageBuild.builder,
      baseImages: imageBuild.baseImages ?? {},
      secrets: files.contents,
    },
    apiBaseUrl: orUndefined(apiBaseUrl),
    permissionsBoundary: orUndefined(permissionsBoundary),
  });
}

/** Empty text, the default of a key that is optional, as what it means. */
function orUndefined(value: string): string | undefined {
  return value === "" ? undefined : value;
}

/** The values of the project's own namespace, by key without it. */
function ownValues({ project, values }: RawConfig): Record<string, string> {
  const prefix = `${project}:`;
  const entries = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
}

function parseValue(key: string, value: string): unknown {
  if (textKeys.includes(key)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // Not JSON: text, which the key's rule then refuses.
  }
}

/** A stack's name is a part of every other name. */
function stackProblems({ stack }: RawConfig): validation.MendableProblem[] {
  return validation
    .findProblems(limits.shortName, stack)
    .map((problem) => ({ ...problem, property: "the stack's name", fix: "pulumi stack rename" }));
}

function unknownKeys(
  { stack }: RawConfig,
  keys: readonly string[],
  known: readonly string[],
): validation.MendableProblem[] {
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => ({
      property: validation.formatPath([key]),
      received: "a value (not shown: it may be a secret under a mistyped key)",
      allowed: validation.unknownKeyHint(key, known),
      fix: removal(stack, key),
    }));
}

function secretProblems(raw: RawConfig, own: Readonly<Record<string, string>>): validation.MendableProblem[] {
  return Object.entries(secretRules).flatMap(([key, rule]) => {
    const encrypted = raw.isSecret(`${raw.project}:${key}`);
    const given = (own[key] ?? "") !== "";
    const fix = `pulumi config set --stack ${raw.stack} --secret ${key}`;
    if (!given || !encrypted) {
      return {
        property: key,
        received: given ? "a value in plain text (not shown; replace it where it was issued, too)" : "nothing",
        allowed: "an encrypted value that is not empty",
        fix,
      };
    }
    return validation
      .findProblems(rule, own[key])
      .map(({ allowed }) => ({ property: key, received: "a secret (not shown)", allowed, fix }));
  });
}

function shapeProblems(raw: RawConfig, shape: z.ZodType, plain: unknown): validation.MendableProblem[] {
  return validation.findProblems(shape, plain).map((problem) => {
    const key = /^\w+/.exec(problem.property)?.[0] ?? "";
    const encrypted = raw.isSecret(`${raw.project}:${key}`);
    return {
      ...problem,
      received: encrypted ? "a secret (not shown)" : problem.received,
      fix: mend(raw.stack, problem.property, problem.allowed === limits.eachOnce),
    };
  });
}

/** The command that removes a key; a name that no command line takes for one is removed where it was written. */
function removal(stack: string, key: string): string {
  const isTypeable = /^\w\P{C}*$/u.test(key);
  return isTypeable
    ? `pulumi config rm --stack ${stack} ${/^[\w-]+$/.test(key) ? key : quoted(key)}`
    : `remove it from Pulumi.${stack}.yaml`;
}

/** Text as one word of a shell's command line. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Where there is no way out, the models' vendors must have addresses inside. */
function networkProblems(
  { stack }: RawConfig,
  { natGateways, defaultVpc, anthropicBaseUrl, voyageBaseUrl }: Readonly<Record<string, unknown>>,
): validation.MendableProblem[] {
  const isCutOff = natGateways === "none" && defaultVpc !== true;
  if (!isCutOff || (anthropicBaseUrl !== "" && voyageBaseUrl !== "")) return [];
  return [
    {
      property: "natGateways",
      received: '"none", without both of anthropicBaseUrl and voyageBaseUrl',
      allowed:
        "single or one-per-az; none, if both are addresses that functions reach inside the VPC, as they reach no other",
      fix: `pulumi config set --stack ${stack} natGateways single`,
    },
  ];
}

/** The command that sets a property to a value that is allowed, or removes what is too much or nobody knows a value for. */
function mend(stack: string, property: string, isTooMuch = false): string {
  const name = /(\w+)(\[\d+\])?$/.exec(property)?.[1] ?? property;
  const example = !isTooMuch && Object.hasOwn(examples, name) ? examples[name] : undefined;
  const path = lists.includes(property) ? `${property}[0]` : property;
  const target = /^\w+$/.test(path) ? path : `--path ${quoted(path)}`;
  if (example === undefined) return `pulumi config rm --stack ${stack} ${target}`;
  return `pulumi config set --stack ${stack} ${target} ${example}`;
}

/** Of the provider's own keys, the one that the program reads too. */
function regionProblems({ stack, values, isSecret }: RawConfig): validation.MendableProblem[] {
  const property = "aws:region";
  const fix = `pulumi config set --stack ${stack} ${property} eu-central-1`;
  return validation.findProblems(limits.region, values[property]).map((problem) => ({
    ...problem,
    property,
    received: isSecret(property) ? "a secret (not shown)" : problem.received,
    fix,
  }));
}

function readSecretFiles({ stack, readFile }: RawConfig, files: Readonly<Record<string, string>>): SecretFiles {
  const contents: Record<string, pulumi.Output<string>> = {};
  const problems: validation.MendableProblem[] = [];
  for (const [id, path] of Object.entries(files)) {
    try {
      contents[id] = pulumi.secret(readFile(path));
    } catch (error) {
      const property = validation.formatPath(["imageBuild", "secretFiles", id]);
      // A path may hold the end of a line; the message repeats it.
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
      problems.push({
        property,
        received: `${validation.describe(path)} (${reason})`,
        allowed: "path of a file that can be read",
        fix: mend(stack, property),
      });
    }
  }
  return { contents, problems };
}

/** The registry's entries with the stack's overrides laid over them. */
function override(overrides: Readonly<Record<string, Partial<FunctionDefinition> | undefined>>): Config["functions"] {
  const entries = Object.entries(functions).map(([name, entry]) => [name, { ...entry, ...overrides[name] }]);
  return Object.fromEntries(entries) as Config["functions"];
}

/** Freezes plain data all the way down; outputs hold the engine's own state and stay as they are. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
