import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functions, type FunctionName } from "../functions";
import { StepError } from "../local/errors";
import { consumers, DeadLetterQueue } from "./dead-letters";
import { type DeployedStack, nameInAws } from "./deployed-stack";
import { operation } from "./operation";
import { outputsOf } from "./pulumi";

const help = `npm run verify -- --stack STACK: tells whether the stack is well (go), and if not, what is not (NO GO): the API's
health, the versions that are live, dead-letter queues, alarms. Ends with exit code 1 if something is not.`;

/** What was asked, what the answer is, and whether that is as it should be. */
interface Finding {
  readonly about: string;
  readonly found: string;
  readonly well: boolean;
}

operation(help, async (stack) => {
  const live = await Promise.all((Object.keys(functions) as FunctionName[]).map((name) => liveVersion(stack, name)));
  const { API_BASE_URL } = await outputsOf(stack);
  const findings = [
    await health(
      API_BASE_URL,
      live.find(({ name }) => name === "api")!,
    ),
    ...live.map(({ name, version, digest, state }) => ({
      about: name,
      found: `version ${version}, ${digest || "no digest"}, ${state}`,
      well: digest !== "" && state === "Active",
    })),
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

/** What a function's alias `live` leads to. */
interface Live {
  readonly name: FunctionName;
  readonly version: string;
  /** Empty where the image is not named by its digest. */
  readonly digest: string;
  readonly state: string;
}

async function liveVersion(stack: DeployedStack, name: FunctionName): Promise<Live> {
  const { Configuration = {}, Code = {} } = await new LambdaClient(stack.aws).send(
    new GetFunctionCommand({ FunctionName: nameInAws(stack, name), Qualifier: "live" }),
  );
  const digest = Code.ImageUri?.split("@")[1] ?? "";
  return { name, version: Configuration.Version ?? "", digest, state: Configuration.State ?? "Active" };
}

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
