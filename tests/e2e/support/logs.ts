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

/** The lines in a function's log group that hold a text, oldest first, from a time (in ms since 1970) on. */
export async function linesWith(functionKey: string, text: string, startTime = 0): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient(theTarget().aws);
  const logGroupName = `/aws/lambda/${theTarget().functions[functionKey]!.name}`;
  const search = { logGroupName, startTime, filterPattern: `"${text}"` };
  const lines: string[] = [];
  for await (const { events } of paginateFilterLogEvents({ client }, search)) {
    lines.push(...(events ?? []).map(({ message }) => message ?? ""));
  }
  return lines;
}

/** Waits for lines of a message in a function's log group that hold a text, oldest first. */
export async function logged(functionKey: string, message: string, text: string): Promise<readonly LogLine[]> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const lines = (await linesWith(functionKey, text)).map((line) => JSON.parse(line) as LogLine);
    const found = lines.filter((line) => line.message === message);
    if (found.length > 0) return found;
    if (Date.now() > deadline) {
      assert.fail(
        `no "${message}" of ${functionKey} holds ${text} after ${patienceSeconds} s, but ${JSON.stringify(lines)}`,
      );
    }
    await delay(1000);
  }
}
