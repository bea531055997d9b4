import * as path from "path";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functions, type FunctionName } from "../../functions";
import { run } from "../../local/commands";
import { checkout } from "../../local/folders";
import { nameInAws } from "../../operations/deployed-stack";
import { type Figure, repeated } from "../figures";
import type { BenchSystem } from "../system";

const next = "look at the Docker engine: `docker image ls --digests`.";

/** What importing took in a new process of a function's image. */
interface Import {
  readonly seconds: number;
  /** The modules in the image that are neither the function's own nor shared code of this project, as they were loaded. */
  readonly libraries: readonly string[];
  /** Modules that Python had to compile. */
  readonly notCompiled: readonly string[];
}

/** What a container does before its first call: importing the handler, which makes the clients of AWS and of the vendors. */
export async function coldStarts({ deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const lambda = new LambdaClient(deployed.aws);
  const figures: Figure[] = [];
  let notCompiled = 0;
  for (const name of Object.keys(functions) as FunctionName[]) {
    const command = new GetFunctionCommand({ FunctionName: nameInAws(deployed, name), Qualifier: "live" });
    const { Code, Configuration } = await lambda.send(command);
    const image = Code!.ImageUri!;
    // A function that was not called yet has not fetched it.
    await run("docker", ["pull", "--quiet", image], { next });
    const [handler] = Configuration!.ImageConfigResponse?.ImageConfig?.Command ?? (await commandOf(image));
    const module = handler!.slice(0, handler!.lastIndexOf("."));
    const environment = { ...Configuration!.Environment?.Variables, ...lambdaEnvironment(deployed, name) };
    const imported = (...others: readonly string[]): Promise<Import> =>
      importIn(image, environment, [module, ...others]);
    const { libraries, notCompiled: slow } = await imported();
    notCompiled += slow.length;
    const ofOthers: number[] = [];
    const values = await repeated(runs, async () => {
      ofOthers.push((await imported(...libraries)).seconds);
      return (await imported()).seconds;
    });
    figures.push({
      what: `import of ${name}`,
      unit: "s",
      values,
      floor: { what: "the libraries that it loads", values: ofOthers.slice(1) },
      goal: { aboveFloor: 0.1 },
    });
  }
  return [
    ...figures,
    { what: "modules in images without byte code", unit: "", values: [notCompiled], goal: { most: 0 } },
  ];
}

/** What Lambda itself tells a function, as far as importing asks for it. */
function lambdaEnvironment({ aws, ...stack }: BenchSystem["deployed"], name: FunctionName): Record<string, string> {
  return {
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_LAMBDA_FUNCTION_NAME: nameInAws(stack, name),
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    LAMBDA_TASK_ROOT: "/var/task",
  };
}

/** The command that an image names. */
async function commandOf(image: string): Promise<readonly string[]> {
  return JSON.parse(
    await run("docker", ["image", "inspect", "--format", "{{json .Config.Cmd}}", image], { next }),
  ) as string[];
}

async function importIn(
  image: string,
  environment: Readonly<Record<string, string>>,
  modules: readonly string[],
): Promise<Import> {
  const script = path.join(checkout, "images", "_testing", "src", "testing_support", "cold_start.py");
  const variables = Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const options = ["--rm", "--volume", `${script}:/cold_start.py:ro`, "--entrypoint", "python", ...variables];
  const printed = await run(
    "docker",
    ["run", ...options, image, "-c", "exec(open('/cold_start.py').read())", ...modules],
    { next },
  );
  return JSON.parse(printed) as Import;
}
