import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { Dashboard, type DashboardArgs } from "./dashboard";
import type { WatchedFunction } from "./internal/watched";

const api: WatchedFunction = { functionName: "lambda-api", timeoutSeconds: 15, countsFaults: true };
const embedder: WatchedFunction = {
  functionName: "lambda-embedder",
  timeoutSeconds: 120,
  countsFaults: true,
  queue: { queueName: "queue", deadLetterQueueName: "dead-letters" },
};

const make = (
  functions: Readonly<Record<string, WatchedFunction>>,
  changes: Partial<DashboardArgs> = {},
): Promise<Recording<Dashboard>> =>
  record(
    () =>
      new Dashboard("dashboard", {
        watched: {
          functions,
          api: { apiId: "api123" },
          database: { identifier: "instance", instanceClass: "db.t4g.micro", storageGigabytes: 20 },
        },
        alarmArns: ["arn:alarm-a", "arn:alarm-b"],
        region: "eu-central-1",
        consoleUrl: "https://eu-central-1.console.aws.amazon.com",
        ...changes,
      }),
  );

/** Where a widget is, and what it shows. */
type Widget = Readonly<Record<string, unknown>> & { readonly y: number };

function widgetsOf({ inputs }: Recording<Dashboard>): readonly Widget[] {
  const { dashboardBody } = inputs("aws:cloudwatch/dashboard:Dashboard", "dashboard");
  return (JSON.parse(String(dashboardBody)) as { widgets: Widget[] }).widgets;
}

const place = (x: number, y: number, width: number, height = 6): object => ({ x, y, width, height });
const graph = (title: string, metrics: unknown[], limit?: object): object => ({
  type: "metric",
  properties: {
    title,
    region: "eu-central-1",
    view: "timeSeries",
    period: 300,
    metrics,
    ...(limit === undefined ? {} : { annotations: { horizontal: [limit] } }),
  },
});
const drawn = (stat: string, label: string, more: object = {}): object => ({ stat, label, ...more });

const faultsOf = (name: string): unknown[] => [
  "student-helper-test",
  "Faults",
  "service",
  `lambda-${name}`,
  drawn("Sum", "faults"),
];
const rowOf = (name: string, timeout: number, y: number, width: number, faults: unknown[] = []): object[] => {
  const line = (metric: string, stat: string, label: string): unknown[] => [
    "AWS/Lambda",
    metric,
    "FunctionName",
    `lambda-${name}`,
    drawn(stat, label),
  ];
  return [
    {
      ...graph(`${name}: runs`, [
        line("Invocations", "Sum", "all"),
        line("Errors", "Sum", "errors"),
        ...faults,
        line("Throttles", "Sum", "throttles"),
      ]),
      ...place(0, y, width),
    },
    {
      ...graph(
        `${name}: milliseconds`,
        [line("Duration", "p50", "half of runs"), line("Duration", "Maximum", "longest run")],
        { label: "timeout", value: timeout },
      ),
      ...place(width, y, width),
    },
    {
      ...graph(`${name}: at a time`, [line("ConcurrentExecutions", "Maximum", "runs")]),
      ...place(2 * width, y, width),
    },
  ];
};
const pipeline = (metric: string, stat: string, label: string): unknown[] => [
  "student-helper-test",
  metric,
  "service",
  "pipeline",
  drawn(stat, label),
];
const ofApi = (metric: string, stat: string, label: string): unknown[] => [
  "AWS/ApiGateway",
  metric,
  "ApiId",
  "api123",
  drawn(stat, label),
];
const ofQueue = (metric: string, queue: string, label: string, more: object = {}): unknown[] => [
  "AWS/SQS",
  metric,
  "QueueName",
  queue,
  drawn("Maximum", label, more),
];
const ofDatabase = (metric: string, stat: string, label: string): unknown[] => [
  "AWS/RDS",
  metric,
  "DBInstanceIdentifier",
  "instance",
  drawn(stat, label),
];

describe("Dashboard", () => {
  it("is called after its stack", async () => {
    const { names, inputs } = await make({ api });

    assert.deepEqual(names, ["aws:cloudwatch/dashboard:Dashboard dashboard"]);
    assert.equal(
      inputs("aws:cloudwatch/dashboard:Dashboard", "dashboard").dashboardName,
      "student-helper-test-dashboard",
    );
  });

  it("shows alarms, items, the API, a row for each function, and the database", async () => {
    const widgets = widgetsOf(await make({ api, embedder }));

    assert.deepEqual(widgets, [
      {
        type: "alarm",
        ...place(0, 0, 24, 4),
        properties: { title: "Alarms", alarms: ["arn:alarm-a", "arn:alarm-b"] },
      },
      {
        ...graph("Seconds from asking for an upload to its search", [
          pipeline("TimeToSearchable", "p50", "half of items"),
          pipeline("TimeToSearchable", "p95", "19 of 20 items"),
        ]),
        ...place(0, 4, 12),
      },
      {
        ...graph("Items", [
          pipeline("ItemsReady", "Sum", "ready"),
          pipeline("ItemsRejected", "Sum", "rejected"),
          pipeline("ItemsFailed", "Sum", "failed"),
        ]),
        ...place(12, 4, 12),
      },
      {
        ...graph("API: requests", [
          ofApi("Count", "Sum", "all"),
          ofApi("4xx", "Sum", "4xx"),
          ofApi("5xx", "Sum", "5xx"),
        ]),
        ...place(0, 10, 12),
      },
      {
        ...graph("API: milliseconds", [
          ofApi("Latency", "p50", "half of requests"),
          ofApi("Latency", "p95", "19 of 20 requests"),
        ]),
        ...place(12, 10, 12),
      },
      ...rowOf("api", 15_000, 16, 8, [faultsOf("api")]),
      ...rowOf("embedder", 120_000, 22, 6, [faultsOf("embedder")]),
      {
        ...graph("embedder: queue", [
          ofQueue("ApproximateNumberOfMessagesVisible", "queue", "messages"),
          ofQueue("ApproximateNumberOfMessagesVisible", "dead-letters", "dead letters"),
          ofQueue("ApproximateAgeOfOldestMessage", "queue", "age of the oldest in seconds", { yAxis: "right" }),
        ]),
        ...place(18, 22, 6),
      },
      {
        ...graph("Database: connections", [ofDatabase("DatabaseConnections", "Maximum", "connections")], {
          label: "alarm",
          value: 67,
        }),
        ...place(0, 28, 8),
      },
      {
        ...graph("Database: free bytes of disk", [ofDatabase("FreeStorageSpace", "Minimum", "free")], {
          label: "alarm",
          value: 3221225472,
        }),
        ...place(8, 28, 8),
      },
      {
        ...graph("Database: processor in percent", [ofDatabase("CPUUtilization", "Maximum", "processor")]),
        ...place(16, 28, 8),
      },
    ]);
  });

  it("gets a row for a new function by itself", async () => {
    const added: WatchedFunction = { functionName: "lambda-added", timeoutSeconds: 60 };

    const before = widgetsOf(await make({ api }));
    const after = widgetsOf(await make({ api, added }));

    const [above, below] = [before.filter(({ y }) => y < 22), before.filter(({ y }) => y >= 22)];
    assert.deepEqual(after, [
      ...above,
      ...rowOf("added", 60_000, 22, 8),
      ...below.map((widget) => ({ ...widget, y: widget.y + 6 })),
    ]);
  });

  it("gives its address", async () => {
    const { result } = await make({ api });

    assert.ok(result.url);
    assert.equal(
      await valueOf(result.url),
      "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/student-helper-test-dashboard",
    );
  });

  it("has no address without a console", async () => {
    const { result } = await make({ api }, { consoleUrl: undefined });

    assert.equal(result.url, undefined);
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      record(() => new Dashboard("Dashboard", { ...({} as DashboardArgs) })),
      /Dashboard "Dashboard" has 1 problem; it was not created:\n  1\. name\n/,
    );
  });
});
