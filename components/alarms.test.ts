import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { Alarms } from "./alarms";
import type { Watched, WatchedFunction } from "./internal/watched";

const topicArn = "arn:aws:sns:eu-central-1:123456789012:alarms";
const queue = { queueName: "queue-of-embedder", deadLetterQueueName: "dead-letters-of-embedder" };
const watched: Watched = {
  functions: {
    api: { functionName: "lambda-api", timeoutSeconds: 15, countsFaults: true },
    embedder: { functionName: "lambda-embedder", timeoutSeconds: 120, queue, countsFaults: true },
    cleanup: { functionName: "lambda-cleanup", timeoutSeconds: 300 },
  },
  api: { apiId: "api123" },
  database: { identifier: "instance", instanceClass: "db.t4g.micro", storageGigabytes: 20 },
};

const make = (changes: Partial<Watched> = {}): Promise<Recording<Alarms>> =>
  record(() => new Alarms("alarms", { watched: { ...watched, ...changes }, topicArn }));

const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ofAll = { treatMissingData: "notBreaching", alarmActions: [topicArn], okActions: [topicArn] };
const metric = (namespace: string, metricName: string, statistic: string): object => ({
  namespace,
  metricName,
  statistic,
  period: 300,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
});

describe("Alarms", () => {
  it("watch functions, queues, API and database", async () => {
    const { names } = await make();

    assert.deepEqual(
      names,
      [
        "api-errors",
        "api-faults",
        "api-slow",
        "api-throttles",
        "cleanup-errors",
        "cleanup-slow",
        "cleanup-throttles",
        "database-connections",
        "database-storage",
        "embedder-dead-letters",
        "embedder-errors",
        "embedder-faults",
        "embedder-old-messages",
        "embedder-slow",
        "embedder-throttles",
        "http-api-errors",
        "http-api-latency",
      ].map((name) => `${type} ${name}`),
    );
  });

  it("appear with a new function by themselves", async () => {
    const before = await make();
    const added: WatchedFunction = { functionName: "lambda-added", timeoutSeconds: 60, queue };

    const after = await make({ functions: { ...watched.functions, added } });

    assert.deepEqual(
      after.names.filter((name) => !before.names.includes(name)),
      ["dead-letters", "errors", "old-messages", "slow", "throttles"].map((alarm) => `${type} added-${alarm}`),
    );
  });

  const expected: Readonly<Record<string, object>> = {
    "api-errors": {
      alarmDescription:
        "Runs of api end in an error: what students asked of it is done late, or not at all. " +
        "Runbook: docs/runbook.md#function-errors",
      ...metric("AWS/Lambda", "Errors", "Sum"),
      dimensions: { FunctionName: "lambda-api" },
      threshold: 0,
    },
    "api-faults": {
      alarmDescription:
        "api fails at what students ask of it, and its own code may be why: it is done late, or not at all. " +
        "Runbook: docs/runbook.md#function-errors",
      ...metric("student-helper-test", "Faults", "Sum"),
      dimensions: { service: "lambda-api" },
      threshold: 0,
    },
    "api-throttles": {
      alarmDescription:
        "Lambda refuses to run api, as too much runs already: students wait, or see an error. " +
        "Runbook: docs/runbook.md#throttles",
      ...metric("AWS/Lambda", "Throttles", "Sum"),
      dimensions: { FunctionName: "lambda-api" },
      threshold: 0,
    },
    "api-slow": {
      alarmDescription:
        "A run of api took more than 90 % of its 15 s, after which Lambda ends it: soon students' work is lost half-done. " +
        "Runbook: docs/runbook.md#slow-functions",
      ...metric("AWS/Lambda", "Duration", "Maximum"),
      dimensions: { FunctionName: "lambda-api" },
      threshold: 13500,
    },
    "embedder-old-messages": {
      alarmDescription:
        "An upload has waited for embedder for more than 15 minutes: its student cannot find it yet. " +
        "Runbook: docs/runbook.md#old-messages",
      ...metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
      dimensions: { QueueName: "queue-of-embedder" },
      threshold: 900,
    },
    "embedder-dead-letters": {
      alarmDescription:
        "embedder has given up on an upload: its student sees it as failed until somebody redrives it. " +
        "Runbook: docs/runbook.md#dead-letters",
      ...metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
      dimensions: { QueueName: "dead-letters-of-embedder" },
      threshold: 0,
    },
    "http-api-errors": {
      alarmDescription:
        "More than 5 % of requests ended in a server error (5xx) for ten minutes: students see errors. " +
        "Runbook: docs/runbook.md#api-errors",
      metricQueries: [
        {
          id: "errors",
          metric: {
            namespace: "AWS/ApiGateway",
            metricName: "5xx",
            dimensions: { ApiId: "api123" },
            stat: "Sum",
            period: 300,
          },
        },
        {
          id: "requests",
          metric: {
            namespace: "AWS/ApiGateway",
            metricName: "Count",
            dimensions: { ApiId: "api123" },
            stat: "Sum",
            period: 300,
          },
        },
        { id: "rate", expression: "100 * errors / requests", label: "5xx in percent", returnData: true },
      ],
      evaluationPeriods: 2,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 5,
    },
    "http-api-latency": {
      alarmDescription:
        "One of 20 requests took longer than 3 s for a quarter of an hour: students wait. " +
        "Runbook: docs/runbook.md#api-latency",
      namespace: "AWS/ApiGateway",
      metricName: "Latency",
      dimensions: { ApiId: "api123" },
      extendedStatistic: "p95",
      period: 300,
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 3000,
    },
    "database-connections": {
      alarmDescription:
        "More than 80 % of the database's connections are taken: soon students see errors. " +
        "Runbook: docs/runbook.md#database-connections",
      ...metric("AWS/RDS", "DatabaseConnections", "Maximum"),
      dimensions: { DBInstanceIdentifier: "instance" },
      threshold: 67,
    },
    "database-storage": {
      alarmDescription:
        "Less than 15 % of the database's disk is free: once it is full, nothing works any more. " +
        "Runbook: docs/runbook.md#database-storage",
      ...metric("AWS/RDS", "FreeStorageSpace", "Minimum"),
      dimensions: { DBInstanceIdentifier: "instance" },
      comparisonOperator: "LessThanThreshold",
      threshold: 3221225472,
    },
  };
  for (const [name, alarm] of Object.entries(expected)) {
    it(`have ${name}, which tells the topic`, async () => {
      const { inputs } = await make();

      assert.deepEqual(inputs(type, name), { name: `student-helper-test-${name}`, ...alarm, ...ofAll });
    });
  }

  it("say of a function's errors what its entry says", async () => {
    const canary: WatchedFunction = {
      functionName: "lambda-canary",
      timeoutSeconds: 60,
      errorsMean: { sentence: "A canary went back.", section: "canary" },
    };

    const { inputs } = await make({ functions: { canary } });

    assert.equal(inputs(type, "canary-errors").alarmDescription, "A canary went back. Runbook: docs/runbook.md#canary");
  });

  it("give their ARNs", async () => {
    const { result } = await make({ functions: {} });

    assert.deepEqual(
      await valueOf(result.arns),
      ["http-api-errors", "http-api-latency", "database-connections", "database-storage"].map(
        (name) => `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:student-helper-test-${name}`,
      ),
    );
  });

  it("list all invalid arguments in one error", async () => {
    const functions = { api: { functionName: "api", timeoutSeconds: 0 } };

    await assert.rejects(make({ functions }), {
      message: [
        'Alarms "alarms" has 1 problem; it was not created:',
        "  1. watched.functions.api.timeoutSeconds",
        "     received: 0",
        "     allowed:  an integer from 1 to 900 (seconds)",
        '     fix:      correct watched.functions.api.timeoutSeconds where Alarms "alarms" is made',
      ].join("\n"),
    });
  });
});
