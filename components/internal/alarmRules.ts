/** Which alarms there are: pure, so that a table tests them. */
import type * as aws from "@pulumi/aws";
import { databaseLimits, shareOfConnections, shareOfStorage } from "./databaseLimits";
import { stackName } from "./naming";
import type { Meaning, Watched, WatchedFunction } from "./watched";

/** An alarm: when it fires, and what it says. */
export interface AlarmRule {
  /** What it is called within the stack, such as `api-errors`. */
  readonly name: string;
  readonly means: Meaning;
  /** When it fires; CloudWatch's own terms. */
  readonly when: Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription" | "alarmActions" | "okActions">;
}

/** A run that takes more of its timeout than this is nearly lost. */
const shareOfTimeout = 0.9;

/** An event that waits longer than this keeps a student waiting. */
const oldMessageMinutes = 15;

/** Requests that end in a server error, as AWS recommends (see {@link alarmRules}). */
const serverErrorPercent = 5;

/** What 19 of 20 requests are answered within, in milliseconds. */
const latencyMilliseconds = 3000;

const fiveMinutes = 5 * 60;

/** What fires when runs of a function fail. */
export const errorAlarm = (functionName: string): string => `${functionName}-errors`;

/** What fires when the API answers with server errors. */
export const apiErrorAlarm = "http-api-errors";

/**
 * The alarms of everything that is watched. Where they come from:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html; the
 * thresholds are what a student notices.
 */
export function alarmRules({ functions, api, database }: Watched): AlarmRule[] {
  return [
    ...Object.entries(functions).flatMap(([name, watched]) => functionRules(name, watched)),
    ...apiRules(api),
    ...databaseRules(database),
  ];
}

function functionRules(
  name: string,
  { functionName, timeoutSeconds, queue, countsFaults = false, errorsMean }: WatchedFunction,
): AlarmRule[] {
  const metric = (metricName: string, statistic: string): AlarmRule["when"] => ({
    namespace: "AWS/Lambda",
    metricName,
    dimensions: { FunctionName: functionName },
    statistic,
    period: fiveMinutes,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
  });
  const faults = {
    name: `${name}-faults`,
    means: {
      sentence: `${name} fails at what students ask of it, and its own code may be why: it is done late, or not at all.`,
      section: "function-errors",
    },
    // The functions' own metric: student_helper.metrics. Not one alarm with the errors, of which CloudWatch's metric math
    // would have to add what is often missing.
    when: { ...metric("Faults", "Sum"), namespace: stackName(), dimensions: { service: functionName } },
  } as const;
  return [
    {
      name: errorAlarm(name),
      means: errorsMean ?? {
        sentence: `Runs of ${name} end in an error: what students asked of it is done late, or not at all.`,
        section: "function-errors",
      },
      when: metric("Errors", "Sum"),
    },
    ...(countsFaults ? [faults] : []),
    {
      name: `${name}-throttles`,
      means: {
        sentence: `Lambda refuses to run ${name}, as too much runs already: students wait, or see an error.`,
        section: "throttles",
      },
      when: metric("Throttles", "Sum"),
    },
    {
      name: `${name}-slow`,
      means: {
        sentence:
          `A run of ${name} took more than ${100 * shareOfTimeout} % of its ${timeoutSeconds} s, after which Lambda ends ` +
          "it: soon students' work is lost half-done.",
        section: "slow-functions",
      },
      when: { ...metric("Duration", "Maximum"), threshold: shareOfTimeout * timeoutSeconds * 1000 },
    },
    ...(queue === undefined ? [] : queueRules(name, queue)),
  ];
}

function queueRules(name: string, queue: NonNullable<WatchedFunction["queue"]>): AlarmRule[] {
  const metric = (metricName: string): AlarmRule["when"] => ({
    namespace: "AWS/SQS",
    metricName,
    statistic: "Maximum",
    period: fiveMinutes,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
  });
  return [
    {
      name: `${name}-old-messages`,
      means: {
        sentence: `An upload has waited for ${name} for more than ${oldMessageMinutes} minutes: its student cannot find it yet.`,
        section: "old-messages",
      },
      when: {
        ...metric("ApproximateAgeOfOldestMessage"),
        dimensions: { QueueName: queue.queueName },
        threshold: oldMessageMinutes * 60,
      },
    },
    {
      name: `${name}-dead-letters`,
      means: {
        sentence: `${name} has given up on an upload: its student sees it as failed until somebody redrives it.`,
        section: "dead-letters",
      },
      when: {
        ...metric("ApproximateNumberOfMessagesVisible"),
        dimensions: { QueueName: queue.deadLetterQueueName },
        threshold: 0,
      },
    },
  ];
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
function apiRules({ apiId }: Watched["api"]): AlarmRule[] {
  const namespace = "AWS/ApiGateway";
  const dimensions = { ApiId: apiId };
  const sum = (id: string, metricName: string): aws.types.input.cloudwatch.MetricAlarmMetricQuery => ({
    id,
    metric: { namespace, metricName, dimensions, stat: "Sum", period: fiveMinutes },
  });
  return [
    {
      name: apiErrorAlarm,
      means: {
        sentence: `More than ${serverErrorPercent} % of requests ended in a server error (5xx) for ten minutes: students see errors.`,
        section: "api-errors",
      },
      when: {
        // An HTTP API has no metric of the rate itself.
        metricQueries: [
          sum("errors", "5xx"),
          sum("requests", "Count"),
          { id: "rate", expression: "100 * errors / requests", label: "5xx in percent", returnData: true },
        ],
        evaluationPeriods: 2,
        comparisonOperator: "GreaterThanThreshold",
        threshold: serverErrorPercent,
      },
    },
    {
      name: "http-api-latency",
      means: {
        sentence: `One of 20 requests took longer than ${latencyMilliseconds / 1000} s for a quarter of an hour: students wait.`,
        section: "api-latency",
      },
      when: {
        namespace,
        metricName: "Latency",
        dimensions,
        extendedStatistic: "p95",
        period: fiveMinutes,
        evaluationPeriods: 3, // A start of a container or two is no reason to wake anybody.
        comparisonOperator: "GreaterThanThreshold",
        threshold: latencyMilliseconds,
      },
    },
  ];
}

function databaseRules(database: Watched["database"]): AlarmRule[] {
  const { maxConnections, storageBytes } = databaseLimits(database);
  const metric = (metricName: string, statistic: string): AlarmRule["when"] => ({
    namespace: "AWS/RDS",
    metricName,
    dimensions: { DBInstanceIdentifier: database.identifier },
    statistic,
    period: fiveMinutes,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
  });
  return [
    {
      name: "database-connections",
      means: {
        sentence: `More than ${100 * shareOfConnections} % of the database's connections are taken: soon students see errors.`,
        section: "database-connections",
      },
      when: {
        ...metric("DatabaseConnections", "Maximum"),
        threshold: Math.floor(shareOfConnections * maxConnections),
      },
    },
    {
      name: "database-storage",
      means: {
        sentence: `Less than ${100 * shareOfStorage} % of the database's disk is free: once it is full, nothing works any more.`,
        section: "database-storage",
      },
      when: {
        ...metric("FreeStorageSpace", "Minimum"),
        comparisonOperator: "LessThanThreshold",
        threshold: Math.floor(shareOfStorage * storageBytes),
      },
    },
  ];
}
