import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { functions, type FunctionName } from "../functions";
import { StepError } from "../local/errors";
import { consumers, DeadLetterQueue } from "./dead-letters";
import { DeployedReleases } from "./deployed-releases";
import { type DeployedStack, nameInAws } from "./deployed-stack";
import { deviation, type Live, liveFunction } from "./live-functions";
import { operation } from "./operation";
import { outputsOf } from "./pulumi";
import { currentPins } from "./release-plan";

const help = `npm run verify -- --stack STACK: tells whether the stack is well (go), and if not, what is not (NO GO): the API's
health, whether each function runs what the last update or a rollback says, dead-letter queues, alarms. Ends with exit code 1
if something is not.`;

/** What was asked, what the answer is, and whether that is as it should be. */
interface Finding {
  readonly about: string;
  readonly found: string;
  readonly well: boolean;
}

operation(help, async (stack) => {
  const lambda = new LambdaClient(stack.aws);
  const names = Object.keys(functions) as FunctionName[];
  const [{ API_BASE_URL, images }, pinChanges, live] = await Promise.all([
    outputsOf(stack),
    new DeployedReleases(stack).pinChanges(),
    Promise.all(names.map((name) => liveFunction(lambda, stack, name))),
  ]);
  const pins = currentPins({ pinChanges });
  const findings = [
    await health(
      API_BASE_URL,
      live.find(({ name }) => name === "api")!,
    ),
    ...live.map((one) => {
      const problem = deviation(one, images, pins);
      const found = `version ${one.version}, ${one.digest || "no digest"}, ${one.state}`;
      return {
        about: one.name,
        found: problem === undefined ? found : `${found}: ${problem}`,
        well: problem === undefined,
      };
    }),
    ...(await Promise.all(consumers.map((name) => deadLetters(stack, name)))),
    await alarms(stack),
  ];
  const width = Math.max(...findings.map(({ about }) => about.length));
  for (const { about, found, well } of findings) {
    process.stdout.write(`${well ? "go   " : "NO GO"}  ${about.padEnd(width)}  ${found}\n`);
  }
  const bad = findings.filter(({ well }) => !well).map(({ about }) => about);
  if (bad.length > 0) {
    throw new StepError(`stack ${stack.name} is not well: ${bad.join(", ")}.`, "see docs/runbook.md, section Verify.");
  }
});

/** Asks as anybody can; a share of the requests may go to a version that is on trial. */
async function health(baseUrl: string, live: Live): Promise<Finding> {
  const about = "health";
  try {
    const response = await fetch(`${baseUrl}/health`);
    const body = (await response.json()) as { version?: string; image_digest?: string; detail?: string };
    if (!response.ok) return { about, found: `${response.status}, ${body.detail ?? "without a reason"}`, well: false };
    const well = body.version === live.version && body.image_digest === live.digest;
    return { about, found: `${response.status}, version ${body.version}, ${body.image_digest}`, well };
  } catch (error) {
    return { about, found: `no answer (${(error as Error).message})`, well: false };
  }
}

async function deadLetters(stack: DeployedStack, name: FunctionName): Promise<Finding> {
  const count = await (await DeadLetterQueue.of(stack, name)).count();
  return { about: `${name}, dead letters`, found: String(count), well: count === 0 };
}

async function alarms(stack: DeployedStack): Promise<Finding> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await new CloudWatchClient(stack.aws).send(
    new DescribeAlarmsCommand({
      AlarmNamePrefix: nameInAws(stack, ""),
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      StateValue: "ALARM",
    }),
  );
  const firing = [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = "" }) => AlarmName);
  return { about: "alarms", found: firing.join(", ") || "none fires", well: firing.length === 0 };
}
