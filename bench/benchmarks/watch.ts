import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { LambdaClient, UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import { nameInAws } from "../../operations/deployed-stack";
import { builderOf, builds } from "../../operations/watch/builds";
import { call } from "../../tests/e2e/support/api";
import { Watching } from "../../tests/e2e/support/watching";
import { theTarget } from "../../tests/e2e/support/target";
import { type Figure, repeated, seconds } from "../figures";
import { type BenchSystem, touch } from "../system";

const handler = "images/api/src/api/app.py";

/** One handler line changed until the API answers with it, and the same by hand as far as Lambda has the code. */
export async function watch({ checkout, deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const repository = theTarget().images.api!.split("@")[0]!;
  const context = path.join(checkout, "images");
  const build = await builds(deployed.aws, repository.split("/")[0]!, await builderOf(deployed), context);
  const lambda = new LambdaClient(deployed.aws);
  const byHand = await repeated(runs, async () => {
    await touch(checkout, handler);
    return seconds(async () => {
      const digest = await build("api", repository);
      const update = { FunctionName: nameInAws(deployed, "api"), ImageUri: `${repository}@${digest}` };
      await lambda.send(new UpdateFunctionCodeCommand(update));
    });
  });
  const watching = new Watching(checkout);
  try {
    await watching.line(/watches images\//, 120);
    const watched = await repeated(runs, async () => {
      const earlier = await digestThatAnswers();
      return seconds(async () => {
        await touch(checkout, handler);
        const deadline = Date.now() + 120_000;
        while ([earlier, undefined].includes(await digestThatAnswers())) {
          await delay(20); // asking all the time would take the processor from what is measured
          if (Date.now() > deadline) throw new Error("the API does not answer with the changed code after two minutes");
        }
      });
    });
    return [
      {
        what: "one handler line under `npm run watch`, until the API answers with it",
        unit: "s",
        values: watched,
        floor: { what: "buildctl, push, UpdateFunctionCode by hand", values: byHand },
        goal: { most: 2, timesFloor: 3 },
      },
    ];
  } finally {
    watching.end();
  }
}

/** The digest of the image whose code answers now; undefined while none does. */
async function digestThatAnswers(): Promise<string | undefined> {
  return (await call("GET", "/health").catch(() => undefined))?.body.image_digest as string | undefined;
}
