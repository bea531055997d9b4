import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { nameInAws } from "../../operations/deployed-stack";
import { newStudent, removeStudents } from "../../tests/e2e/support/students";
import { readItem, search, upload } from "../../tests/e2e/support/uploads";
import { type Figure, median, repeated, seconds } from "../figures";
import type { BenchSystem } from "../system";

const steps = ["document-processor", "analyzer", "embedder"];

/** From an upload until a search finds it, with models that answer at once, beside what its steps took themselves. */
export async function searchable({ deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const { accessToken: token } = await newStudent();
  const own: number[] = [];
  try {
    const values = await repeated(runs, async (time) => {
      const began = Date.now();
      const word = `pomology${time}`;
      const took = await seconds(async () => {
        const id = await upload(token, `${word}.txt`, Buffer.from(`A note about ${word} and its orchards.`));
        while (!(await search(token, word)).some(({ item_id: found }) => found === id)) {
          if (Date.now() - began > 120_000)
            throw new Error(`${id} is not found after two minutes; it is ${(await readItem(token, id)).status}`);
        }
      });
      if (time > 0) own.push(await timesOfSteps(deployed, began));
      return took;
    });
    return [
      {
        what: "an upload until it is found, models answering at once",
        unit: "s",
        values,
        percentile: 95,
        floor: { what: "the steps' own times", values: [median(own)] },
        goal: { most: 3 },
      },
    ];
  } finally {
    await removeStudents();
  }
}

/** How long the steps' functions ran since a time, in seconds, as Lambda reports it. */
async function timesOfSteps(deployed: BenchSystem["deployed"], since: number): Promise<number> {
  const logs = new CloudWatchLogsClient(deployed.aws);
  const durations = await Promise.all(steps.map(async (name) => durationOf(logs, nameInAws(deployed, name), since)));
  return durations.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
}

/** Waits for the report of a function's call, which comes some time after it. */
async function durationOf(logs: CloudWatchLogsClient, functionName: string, since: number): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}`, startTime: since }),
    );
    const reports = events.flatMap(({ message = "" }) => /^REPORT .*?\tDuration: ([\d.]+) ms/.exec(message)?.[1] ?? []);
    if (reports.length > 0) return reports.reduce((sum, text) => sum + Number(text), 0);
    if (Date.now() > deadline)
      throw new Error(`${functionName} has reported no call since ${new Date(since).toISOString()}`);
  }
}
