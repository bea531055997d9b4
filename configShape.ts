/**
 * What every configuration key may hold: a rule for each key of Pulumi.yaml, whose messages say what is allowed.
 *
 * Pulumi.yaml has the defaults, so that every key has a value here but those that a stack must set.
 */
import { z } from "zod";
import * as limits from "./components/internal/limits";
import * as validation from "./components/internal/validation";
import { functions, type FunctionDefinition } from "./functions";

/** Stacks that the public uses: browsers of any origin (`*`) are refused there, and somebody must hear alarms. */
const publicStacks = ["staging", "prod"];

/** Keys whose value is text as it stands; the engine hands over every other one as JSON. */
export const textKeys: readonly string[] = [
  "logLevel",
  "permissionsBoundary",
  "databaseInstanceClass",
  "natGateways",
  "awsEndpointUrl",
  "anthropicModel",
  "anthropicBaseUrl",
  "voyageModel",
  "voyageBaseUrl",
  "apiBaseUrl",
];

/** Keys whose value is a list: a command sets its first entry. */
export const lists: readonly string[] = ["corsOrigins", "alarmEmails"];

/** A value for each property, for the commands that mend problems. */
export const examples: Readonly<Record<string, string>> = {
  corsOrigins: "https://app.example.org",
  logLevel: "INFO",
  logRetentionDays: "30",
  throttleRate: "50",
  throttleBurst: "100",
  maxUploadMegabytes: "20",
  recoveryDays: "30",
  alarmEmails: "operations@example.org",
  protectData: "true",
  permissionsBoundary: "student-helper-dev-boundary",
  databaseInstanceClass: "db.t4g.micro",
  databaseStorageGigabytes: "20",
  databaseMultiAz: "false",
  databaseProxy: "false",
  defaultVpc: "false",
  natGateways: "single",
  anthropicModel: "claude-sonnet-4-6",
  voyageModel: "voyage-3.5",
  memoryMegabytes: "512",
  timeoutSeconds: "15",
  reservedConcurrency: "5",
  percent: "10",
  minutes: "5",
};

const flag = z.boolean({ error: "true or false" });

const text = z.string({ error: "text" }).min(1, { error: "text that is not empty" });

/** The rule for every key whose value must be encrypted. */
export const secretRules: Readonly<Record<string, z.ZodType>> = {
  anthropicApiKey: text,
  voyageApiKey: text,
  databasePassword: limits.databasePassword,
};

/** Where another service than the usual one is asked: keys go there, and so by TLS but to this machine. */
const serviceUrl = urlOrEmpty(
  "an https URL, or an http URL of localhost; empty for the usual one",
  (url) => url.protocol === "https:" || url.hostname === "localhost",
);

/**
 * The rule for every key that is no secret.
 *
 * @param stack name of the stack, since public ones are stricter
 * @param stacks names of the stacks that have a file
 */
// The type of what it returns is that of the configuration: written out, it would say all of the rules twice.
// eslint-disable-next-line @typescript-eslint/explicit-function-return-type, @typescript-eslint/explicit-module-boundary-types
export function shapeFor(stack: string, stacks: readonly string[]) {
  const ownEndpoint = "an http or https URL, which may hold {apiId}; empty for the API's own endpoint";
  const origins = "a list of at least one origin such as https://app.example.org";
  return z.strictObject({
    corsOrigins: z
      .array(limits.corsOrigin(!publicStacks.includes(stack)), { error: origins })
      .min(1, { error: origins }),
    logLevel: validation.oneOf(limits.logLevels),
    logRetentionDays: limits.logRetentionDays,
    // The account's quota for a region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    throttleRate: validation.integerBetween(1, 10000, "requests per second"),
    throttleBurst: validation.integerBetween(1, 5000, "requests"),
    maxUploadMegabytes: validation.integerBetween(1, 100, "megabytes"),
    recoveryDays: limits.recoveryDays,
    alarmEmails: alarmEmails(publicStacks.includes(stack)),
    protectData: flag,
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    permissionsBoundary: validation.textLike(/^[\w+=,.@-]{0,128}$/, "a policy's name; empty for none"),
    databaseInstanceClass: limits.databaseInstanceClass,
    databaseStorageGigabytes: limits.databaseStorageGigabytes,
    databaseMultiAz: flag,
    databaseProxy: flag,
    defaultVpc: flag,
    natGateways: validation.oneOf(limits.natGateways),
    awsEndpointUrl: serviceUrl,
    anthropicModel: text,
    anthropicBaseUrl: serviceUrl,
    voyageModel: text,
    voyageBaseUrl: serviceUrl,
    functions: z
      .strictObject(Object.fromEntries(Object.entries(functions).map(([name, entry]) => [name, overridesOf(entry)])), {
        error: "an object: name of a function to what it overrides",
      })
      .partial(),
    images: z.strictObject(
      { from: validation.oneOf(stacks.filter((other) => other !== stack)).optional() },
      { error: "an object with from" },
    ),
    canary: z
      .strictObject(
        { percent: limits.canaryPercent.optional(), minutes: limits.canaryMinutes.optional() },
        { error: "an object with percent and minutes; {} for no canary" },
      )
      .refine(({ percent, minutes }) => (percent === undefined) === (minutes === undefined), {
        error: "percent and minutes, or {} for no canary",
      }),
    imageBuild: z.strictObject(
      {
        registry: validation.textLike(/^[\w.-]+(:\d+)?$/, "a host, with a port if need be").optional(),
        builder: text.optional(),
        baseImages: z.record(z.string(), text, { error: "an object of text values" }).optional(),
        secretFiles: z.record(z.string(), text, { error: "an object of text values" }).optional(),
      },
      { error: "an object with registry, builder, baseImages and secretFiles" },
    ),
    apiBaseUrl: urlOrEmpty(ownEndpoint, () => true),
  });
}

/**
 * Who is told of alarms.
 *
 * @param needed whether there must be somebody
 */
function alarmEmails(needed: boolean): z.ZodArray<z.ZodEmail> {
  const allowed = `a list of ${needed ? "at least one e-mail address" : "e-mail addresses"} such as operations@example.org`;
  return limits.emailAddresses(allowed).min(needed ? 1 : 0, { error: allowed });
}

/**
 * An http or https URL, or nothing.
 *
 * @param allowed what is allowed, in words
 * @param accepts whether a URL will do
 */
function urlOrEmpty(allowed: string, accepts: (url: URL) => boolean): z.ZodString {
  return z
    .string({ error: allowed })
    .refine((value) => value === "" || (/^https?:/.test(value) && URL.canParse(value) && accepts(new URL(value))), {
      error: allowed,
    });
}

function overridesOf(entry: FunctionDefinition): z.ZodType<Partial<FunctionDefinition>> {
  return z
    .strictObject(
      {
        memoryMegabytes: limits.memoryMegabytes,
        timeoutSeconds: entry.routes !== undefined ? limits.httpTimeoutSeconds : limits.timeoutSeconds,
        reservedConcurrency: limits.reservedConcurrency,
      },
      { error: "an object with memoryMegabytes, timeoutSeconds and reservedConcurrency" },
    )
    .partial();
}
