import * as assert from "assert/strict";
import { setTimeout as delay } from "timers/promises";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { theTarget } from "./target";

/** A line of a function's own log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What Lambda reports of a run of a function. */
export interface Invocation {
  readonly id: string;
  readonly milliseconds: number;
}

/** The runs of a function that were reported since a moment. */
export async function invocationsSince(functionKey: string, moment: Date): Promise<readonly Invocation[]> {
  const client = new CloudWatchLogsClient(theTarget().aws);
  const logGroupName = `/aws/lambda/${theTarget().functions[functionKey]!.name}`;
  const found: Invocation[] = [];
  const pages = paginateFilterLogEvents(
    { client },
    { logGroupName, filterPattern: '"REPORT RequestId"', startTime: moment.getTime() },
  );
  for await (const { events } of pages) {
    for (const { message } of events ?? []) {
      const [, id, milliseconds] = /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms/.exec(message ?? "") ?? [];
      if (id !== undefined) found.push({ id, milliseconds: Number(milliseconds) });
    }
  }
  return found;
}

/** How long CloudWatch may take to show a line that was written. */
const patienceSeconds = 60;

/** Waits for lines of a message in a function's log group that hold a text, oldest first. */
export async function logged(functionKey: string, message: string, text: string): Promise<readonly LogLine[]> {
  const client = new CloudWatchLogsClient(theTarget().aws);
  const logGroupName = `/aws/lambda/${theTarget().functions[functionKey]!.name}`;
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const lines: LogLine[] = [];
    for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName, filterPattern: `"${text}"` })) {
      lines.push(...(events ?? []).map((event) => JSON.parse(event.message ?? "") as LogLine));
    }
    const found = lines.filter((line) => line.message === message);
    if (found.length > 0) return found;
    if (Date.now() > deadline) {
      assert.fail(
        `no "${message}" of ${logGroupName} holds ${text} after ${patienceSeconds} s, but ${JSON.stringify(lines)}`,
      );
    }
    await delay(1000);
  }
}
