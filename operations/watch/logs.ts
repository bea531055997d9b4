/** The log lines of a stack's functions, as they come. */
import { CloudWatchLogsClient, type FilteredLogEvent, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type DeployedStack, nameInAws } from "../deployed-stack";

/** Fields of Powertools' log entries that say nothing to somebody who watches one function. */
const noise = new Set([
  ...["level", "location", "message", "timestamp", "service", "cold_start", "xray_trace_id"],
  ...["function_name", "function_memory_size", "function_arn", "function_request_id"],
]);

/**
 * A log entry as a line to read; undefined for the platform's own reports of an ordinary call.
 *
 * @param message one entry of a function's log group.
 */
export function readable(message: string): string | undefined {
  const text = message.trimEnd();
  if (/^(START|END|REPORT|INIT_START) /.test(text) || text === "") return undefined;
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return text;
  }
  if (typeof entry.type === "string" && entry.type.startsWith("platform.")) return undefined;
  const fields = Object.entries(entry).filter(([key]) => !noise.has(key));
  const rest = fields.map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [entry.level, entry.message, ...rest].filter((part) => typeof part === "string").join(" ");
}

/** Reads the log groups of functions, each entry once. */
export class LogTail {
  private readonly client: CloudWatchLogsClient;
  /** What was shown in each group: entries arrive late, and out of order. */
  private readonly shown = new Map<string, Map<string, number>>();
  private readonly start = Date.now();

  constructor(private readonly stack: DeployedStack) {
    this.client = new CloudWatchLogsClient(stack.aws);
  }

  /** What a function has logged since the last call, oldest first. */
  async next(name: string): Promise<string[]> {
    const shown = this.shown.get(name) ?? new Map<string, number>();
    this.shown.set(name, shown);
    // Entries come some seconds late; what is older than a minute was shown or is not coming.
    const startTime = Math.max(this.start, Date.now() - 60_000);
    for (const [id, time] of shown) if (time < startTime) shown.delete(id);
    const found: FilteredLogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/lambda/${nameInAws(this.stack, name)}`,
          startTime,
          nextToken,
        }),
      );
      found.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    const fresh = found.filter((event) => !shown.has(idOf(event)));
    for (const event of fresh) shown.set(idOf(event), event.timestamp ?? 0);
    return fresh.flatMap(({ message = "" }) => readable(message) ?? []);
  }
}

const idOf = (event: FilteredLogEvent): string =>
  event.eventId ?? `${event.logStreamName} ${event.timestamp} ${event.message}`;
