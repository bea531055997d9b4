import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { liveAlias } from "../../components/internal/naming";
import { functions, type FunctionName } from "../../functions";
import { run } from "../../local/commands";
import { checkout } from "../../local/folders";
import { print } from "../../local/progress";
import { nameInAws } from "../../operations/deployed-stack";
import { docker } from "../../tests/e2e/support/containers";
import { type Figure, repeated, seconds } from "../figures";
import type { BenchSystem } from "../system";

const next = "look at the Docker engine: `docker image ls --digests`.";

/** A handler that does nothing but answer: it compares its two arguments. */
const helloWorld = "operator.is_";

/** What a function's code imports and makes of others. */
interface Others {
  /** The modules in the image of what is required and what comes with it, in the order in which they were loaded. */
  readonly libraries: readonly string[];
  /** The services of AWS of which it made clients. */
  readonly services: readonly string[];
}

/** What importing took in a new process of a function's image. */
interface Import extends Others {
  readonly seconds: number;
  /** The packages of others that were loaded. */
  readonly packages: readonly string[];
  /** Those of them that own code imports and no requirements.in names. */
  readonly notRequired: readonly string[];
  /** Modules that Python had to compile. */
  readonly notCompiled: readonly string[];
}

/** What a container does before its first call: importing the handler, which makes the clients of AWS. */
export async function coldStarts({ deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const lambda = new LambdaClient(deployed.aws);
  const figures: Figure[] = [];
  let notCompiled = 0;
  let notRequired = 0;
  for (const name of Object.keys(functions) as FunctionName[]) {
    const command = new GetFunctionCommand({ FunctionName: nameInAws(deployed, name), Qualifier: liveAlias });
    const { Code, Configuration } = await lambda.send(command);
    const image = Code!.ImageUri!;
    const [handler] = Configuration!.ImageConfigResponse?.ImageConfig?.Command ?? (await commandOf(image));
    const module = handler!.slice(0, handler!.lastIndexOf("."));
    const environment = { ...Configuration!.Environment?.Variables, ...lambdaEnvironment(deployed, name) };
    const required = await requirements(functions[name].image);
    const imported = (others: Partial<Others> = {}): Promise<Import> =>
      importIn(image, environment, module, { required, ...others });
    const first = await imported();
    const { libraries, services } = first;
    const { packages } = await imported({ libraries, services });
    notCompiled += first.notCompiled.length;
    const added = first.notRequired.filter((one) => !packages.includes(one));
    notRequired += added.length;
    if (added.length > 0) print(`     ${name} imports ${added.join(", ")}, which no requirements.in names`);
    const ofOthers: number[] = [];
    const values = await repeated(runs, async () => {
      ofOthers.push((await imported({ libraries, services })).seconds);
      return (await imported()).seconds;
    });
    const ofHelloWorld: number[] = [];
    const containers = await repeated(runs, async () => {
      ofHelloWorld.push(await firstAnswer(image, environment, [helloWorld]));
      return firstAnswer(image, environment, [handler!]);
    });
    figures.push(
      {
        what: `import of ${name}`,
        unit: "s",
        values,
        floor: { what: "its libraries and the clients of AWS that it makes", values: ofOthers.slice(1) },
        goal: { aboveFloor: 0.1 },
      },
      {
        what: `a new container of ${name} until its first answer`,
        unit: "s",
        values: containers,
        floor: { what: "hello-world on the same base", values: ofHelloWorld.slice(1) },
        goal: {},
      },
    );
  }
  return [
    ...figures,
    { what: "modules in images without byte code", unit: "", values: [notCompiled], goal: { most: 0 } },
    {
      what: "imported packages that no requirements.in names or brings along",
      unit: "",
      values: [notRequired],
      goal: { most: 0 },
    },
  ];
}

/** The distributions that the requirements.in of a function's image and the shared one name. */
async function requirements(image: string): Promise<string[]> {
  const files = [image, "_shared"].map((folder) => path.join(checkout, "images", folder, "requirements.in"));
  const texts = await Promise.all(files.map((file) => fs.readFile(file, "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/^[a-z0-9-]+/gm)].map(([name]) => name));
}

/** What Lambda itself tells a function, as far as importing asks for it. */
function lambdaEnvironment({ aws, ...stack }: BenchSystem["deployed"], name: FunctionName): Record<string, string> {
  return {
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_LAMBDA_FUNCTION_NAME: nameInAws(stack, name),
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_EC2_METADATA_DISABLED: "true", // nobody is asked for credentials, which are not needed
    LAMBDA_TASK_ROOT: "/var/task",
  };
}

/** The command that an image names. */
async function commandOf(image: string): Promise<readonly string[]> {
  return JSON.parse(await docker("image", "inspect", "--format", "{{json .Config.Cmd}}", image)) as string[];
}

const variablesOf = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]);

async function importIn(
  image: string,
  environment: Readonly<Record<string, string>>,
  module: string,
  asked: Partial<Others> & { readonly required: readonly string[] },
): Promise<Import> {
  const script = path.join(checkout, "images", "_testing", "src", "testing_support", "cold_start.py");
  const mounted = ["--volume", `${script}:/cold_start.py:ro`];
  const options = ["--rm", "--interactive", ...mounted, "--entrypoint", "python", ...variablesOf(environment)];
  const printed = await run("docker", ["run", ...options, image, "-c", "exec(open('/cold_start.py').read())", module], {
    next,
    input: JSON.stringify(asked),
  });
  return JSON.parse(printed) as Import;
}

/** Starts a container, as Lambda does for a function's first call, and sends it an empty event. */
async function firstAnswer(
  image: string,
  environment: Readonly<Record<string, string>>,
  command: readonly string[],
): Promise<number> {
  let container: string | undefined;
  try {
    return await seconds(async () => {
      const options = ["--detach", "--publish", "127.0.0.1::8080", ...variablesOf(environment)];
      container = (await docker("run", ...options, image, ...command)).trim();
      const address = (await docker("port", container, "8080")).trim();
      await answered(`http://${address}/2015-03-31/functions/function/invocations`);
    });
  } finally {
    if (container !== undefined) await docker("rm", "--force", container);
  }
}

/** Sends an event until somebody takes it, and waits for the answer. */
async function answered(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await delay(10)) {
    try {
      await (await fetch(url, { method: "POST", body: "{}" })).text();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
