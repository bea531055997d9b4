/** What a dashboard shows: pure, so that a test sees all of it. */
import { databaseLimits, shareOfConnections, shareOfStorage } from "./databaseLimits";
import type { Watched } from "./watched";

/** {@link Watched}, with all that AWS has said about it. */
export interface Shown {
  readonly region: string;
  /** Namespace of the functions' own metrics. */
  readonly namespace: string;
  readonly alarmArns: readonly string[];
  readonly functions: readonly {
    readonly name: string;
    readonly functionName: string;
    readonly timeoutSeconds: number;
    readonly countsFaults: boolean;
    readonly queue?: { readonly queueName: string; readonly deadLetterQueueName: string };
  }[];
  readonly api: { readonly apiId: string };
  readonly database: {
    readonly identifier: string;
    readonly instanceClass: Watched["database"]["instanceClass"];
    readonly storageGigabytes: Watched["database"]["storageGigabytes"];
  };
}

/** A widget without its place; https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
interface Widget {
  readonly type: "alarm" | "metric";
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Row {
  readonly height: number;
  readonly widgets: readonly Widget[];
}

/** A metric: namespace, name, dimensions in turn, and how it is drawn. */
type Line = readonly [
  ...names: string[],
  drawn: { readonly stat: string; readonly label: string; readonly yAxis?: "right" },
];

/** Columns of the grid; same page. */
const columns = 24;

/** A dashboard's body: alarms, what students wait for, the API, a row for each function, the database. */
export function dashboardBody(shown: Shown): string {
  const graph = graphOf(shown.region);
  const rows: Row[] = [
    { height: 4, widgets: [{ type: "alarm", properties: { title: "Alarms", alarms: shown.alarmArns } }] },
    { height: 6, widgets: itemWidgets(graph, shown.namespace) },
    { height: 6, widgets: apiWidgets(graph, shown.api) },
    ...shown.functions.map((watched) => ({ height: 6, widgets: functionWidgets(graph, shown.namespace, watched) })),
    { height: 6, widgets: databaseWidgets(graph, shown.database) },
  ];
  return JSON.stringify({ widgets: inPlace(rows) });
}

/** Rows below each other, the widgets of each side by side. */
function inPlace(rows: readonly Row[]): object[] {
  let y = 0;
  return rows.flatMap(({ height, widgets }) => {
    const width = Math.floor(columns / widgets.length);
    const placed = widgets.map(({ type, properties }, index) => ({
      type,
      x: index * width,
      y,
      width,
      height,
      properties,
    }));
    y += height;
    return placed;
  });
}

/** Makes graphs; `limit` is a line to stay below, or above. */
type Graph = (
  title: string,
  lines: readonly Line[],
  limit?: { readonly label: string; readonly value: number },
) => Widget;

function graphOf(region: string): Graph {
  return (title, lines, limit) => ({
    type: "metric",
    properties: {
      title,
      region,
      view: "timeSeries",
      period: 300,
      metrics: lines,
      ...(limit === undefined ? {} : { annotations: { horizontal: [limit] } }),
    },
  });
}

/** The functions' own metrics: student_helper.metrics. */
function itemWidgets(graph: Graph, namespace: string): Widget[] {
  const line = (metric: string, stat: string, label: string): Line => [
    namespace,
    metric,
    "service",
    "pipeline",
    { stat, label },
  ];
  return [
    graph("Seconds from asking for an upload to its search", [
      line("TimeToSearchable", "p50", "half of items"),
      line("TimeToSearchable", "p95", "19 of 20 items"),
    ]),
    graph("Items", [
      line("ItemsReady", "Sum", "ready"),
      line("ItemsRejected", "Sum", "rejected"),
      line("ItemsFailed", "Sum", "failed"),
    ]),
  ];
}

function apiWidgets(graph: Graph, { apiId }: Shown["api"]): Widget[] {
  const line = (metric: string, stat: string, label: string): Line => [
    "AWS/ApiGateway",
    metric,
    "ApiId",
    apiId,
    { stat, label },
  ];
  return [
    graph("API: requests", [line("Count", "Sum", "all"), line("4xx", "Sum", "4xx"), line("5xx", "Sum", "5xx")]),
    graph("API: milliseconds", [
      line("Latency", "p50", "half of requests"),
      line("Latency", "p95", "19 of 20 requests"),
    ]),
  ];
}

function functionWidgets(
  graph: Graph,
  namespace: string,
  { name, functionName, timeoutSeconds, countsFaults, queue }: Shown["functions"][number],
): Widget[] {
  const line = (metric: string, stat: string, label: string): Line => [
    "AWS/Lambda",
    metric,
    "FunctionName",
    functionName,
    { stat, label },
  ];
  const faults: Line = [namespace, "Faults", "service", functionName, { stat: "Sum", label: "faults" }];
  return [
    graph(`${name}: runs`, [
      line("Invocations", "Sum", "all"),
      line("Errors", "Sum", "errors"),
      ...(countsFaults ? [faults] : []),
      line("Throttles", "Sum", "throttles"),
    ]),
    graph(
      `${name}: milliseconds`,
      [line("Duration", "p50", "half of runs"), line("Duration", "Maximum", "longest run")],
      { label: "timeout", value: timeoutSeconds * 1000 },
    ),
    graph(`${name}: at a time`, [line("ConcurrentExecutions", "Maximum", "runs")]),
    ...(queue === undefined ? [] : [queueWidget(graph, name, queue)]),
  ];
}

function queueWidget(graph: Graph, name: string, queue: NonNullable<Shown["functions"][number]["queue"]>): Widget {
  const line = (metric: string, queueName: string, label: string, yAxis?: "right"): Line => [
    "AWS/SQS",
    metric,
    "QueueName",
    queueName,
    { stat: "Maximum", label, ...(yAxis === undefined ? {} : { yAxis }) },
  ];
  return graph(`${name}: queue`, [
    line("ApproximateNumberOfMessagesVisible", queue.queueName, "messages"),
    line("ApproximateNumberOfMessagesVisible", queue.deadLetterQueueName, "dead letters"),
    line("ApproximateAgeOfOldestMessage", queue.queueName, "age of the oldest in seconds", "right"),
  ]);
}

function databaseWidgets(graph: Graph, database: Shown["database"]): Widget[] {
  const { maxConnections, storageBytes } = databaseLimits(database);
  const line = (metric: string, stat: string, label: string): Line => [
    "AWS/RDS",
    metric,
    "DBInstanceIdentifier",
    database.identifier,
    { stat, label },
  ];
  return [
    graph("Database: connections", [line("DatabaseConnections", "Maximum", "connections")], {
      label: "alarm",
      value: Math.floor(shareOfConnections * maxConnections),
    }),
    graph("Database: free bytes of disk", [line("FreeStorageSpace", "Minimum", "free")], {
      label: "alarm",
      value: Math.floor(shareOfStorage * storageBytes),
    }),
    graph("Database: processor in percent", [line("CPUUtilization", "Maximum", "processor")]),
  ];
}
