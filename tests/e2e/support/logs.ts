import * as assert from "assert/strict";
import { setTimeout as delay } from "timers/promises";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { theTarget } from "./target";

/** A line of a function's own log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** How long CloudWatch may take to show a line that was written. */
const patienceSeconds = 60;

/** Waits for lines in a function's log group that hold a text, oldest first. */
export async function logged(functionKey: string, text: string): Promise<readonly LogLine[]> {
  const client = new CloudWatchLogsClient(theTarget().aws);
  const logGroupName = `/aws/lambda/${theTarget().functions[functionKey]!.name}`;
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const lines: LogLine[] = [];
    for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName, filterPattern: `"${text}"` })) {
      lines.push(...(events ?? []).map(({ message }) => JSON.parse(message ?? "") as LogLine));
    }
    if (lines.length > 0) return lines;
    if (Date.now() > deadline) {
      assert.fail(
        `no line of ${logGroupName} holds ${text} after ${patienceSeconds} s; look at what the function logs`,
      );
    }
    await delay(1000);
  }
}
