/** The limits of AWS that configuration and components check, each with the page it comes from. */
import { z } from "zod";
import { integerBetween, oneOf, textLike } from "./validation";

/** Memory of a function; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. */
export const memoryMegabytes = integerBetween(128, 10240, "megabytes");

/** Longest run of a function; same page. */
export const timeoutSeconds = integerBetween(1, 900, "seconds");

/**
 * Longest run of a function behind the API: API Gateway gives up after 30 s
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html), so that the function must end
 * before that for its own answer to arrive.
 */
export const httpTimeoutSeconds = integerBetween(1, 29, "seconds, as API Gateway gives up after 30");

/**
 * Reserved concurrency: at most the account's quota, 1000 unless raised
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html); 0 stops a function.
 */
export const reservedConcurrency = integerBetween(0, 1000, "executions at a time");

/** Events of one queue that are worked on at a time; https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html. */
export const maximumConcurrency = integerBetween(2, 1000, "events at a time");

/** Images that a repository keeps: a month's, with one release a day, to roll back to. */
export const keptImages = 30;

/** A new version's share of the traffic: more than half would be no canary. */
export const canaryPercent = integerBetween(1, 50, "percent of the traffic");

/**
 * How long a new version is watched: Lambda counts errors by the minute, and the function that watches runs for 15
 * minutes at most (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
export const canaryMinutes = integerBetween(1, 14, "minutes");

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html */
export const databaseInstanceClass = textLike(/^db(\.[a-z0-9-]+)+$/, "a class of RDS instances such as db.t4g.micro");

/** Storage of type gp3; https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html. */
export const databaseStorageGigabytes = integerBetween(20, 65536, "gigabytes");

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export const databasePassword = textLike(
  /^[!#-.0-?A-~]{8,128}$/,
  'a secret of 8 to 128 printable ASCII characters, without /, ", @ and blanks',
);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const logRetentionDays = oneOf([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/** Levels of Powertools' logger that Lambda's own log filter has too. */
export const logLevels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** How functions reach the internet; see `VpcArgs`. */
export const natGateways = ["none", "single", "one-per-az"] as const;

/** See {@link natGateways}. */
export type NatGateways = (typeof natGateways)[number];

/** https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
export const region = textLike(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1");

/** A log level; see {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number];

/**
 * Name of a stack, function, image or parameter folder: short enough that `<project>-<stack>-<name>` fits Lambda's 64, with
 * hyphens where RDS (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html) and ECR take them.
 */
export const shortName = textLike(
  /^(?=.{1,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  "a lower-case letter, then up to 23 of a-z, 0-9 and single hyphens, none at the end",
);

/**
 * An origin as browsers send it: scheme, host and port, nothing behind. To S3 and API Gateway, a host with `*` is many.
 *
 * @param everyone whether `*` is allowed too
 */
export function corsOrigin(everyone: boolean): z.ZodString {
  const allowed = `an origin such as https://app.example.org, without a path; * ${everyone ? "is everyone" : "is refused on this stack"}`;
  return z
    .string({ error: allowed })
    .refine((value) => (value === "*" ? everyone : isOrigin(value)), { error: allowed });
}

function isOrigin(value: string): boolean {
  return /^https?:[^*]+$/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

/** Where somebody gets mail. */
const emailAddress = z.email({ error: "an e-mail address such as operations@example.org" });

/** What is said of an address that is repeated. */
export const eachOnce = "each address once";

/** Who gets mail; of one that is repeated the last is named first, so that removing it moves no other that is named. */
export function emailAddresses(allowed: string): z.ZodArray<z.ZodEmail> {
  return z.array(emailAddress, { error: allowed }).superRefine((emails, context) => {
    for (const [index, email] of [...emails.entries()].reverse()) {
      if (emails.indexOf(email) < index) context.addIssue({ code: "custom", path: [index], message: eachOnce });
    }
  });
}

/** How long old versions of objects are kept, in days; 0: as long as the bucket exists. */
export const recoveryDays = integerBetween(0, 365, "days; 0 is as long as the bucket exists");
