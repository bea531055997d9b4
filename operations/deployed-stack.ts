/** A stack as the commands for its operation see it: its names, its AWS account, its Pulumi state. */
import * as fs from "fs/promises";
import * as path from "path";
import { parse } from "yaml";
import { physicalNameIn } from "../components/internal/naming";
import { nearest } from "../components/internal/validation";
import { functions, type FunctionName } from "../functions";
import { rootCredentials, runningEmulator } from "../local/emulator";
import { StepError } from "../local/errors";
import { checkout, instanceFolder } from "../local/folders";
import { type PulumiCli, savedPulumiCli } from "../local/stack";
import { project, stackName as localStack } from "../local/stack-state";

/** What the AWS clients are made with. */
export interface AwsSettings {
  readonly region: string;
  readonly endpoint?: string;
  /** Unset: those of the person or pipeline that runs the command. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A stack that is looked at, or changed, beside `pulumi up`. */
export interface DeployedStack {
  /** For example `prod`. */
  readonly name: string;
  /** As Pulumi's CLI is told it: what the command's user gave, for example `student-helper/prod`. */
  readonly pulumiName: string;
  readonly pulumi: PulumiCli;
  readonly aws: AwsSettings;
}

/**
 * The stack that `--stack` names.
 *
 * @param given `prod` or, where several organizations are in use, `student-helper/prod`; a review stack's is `pr-12`.
 * @throws StepError when it is missing, or no such stack is configured; for the local one also when it does not run.
 */
export async function deployedStack(given: string | true | undefined): Promise<DeployedStack> {
  const known = await configuredStacks();
  if (typeof given !== "string") throw new StepError("no stack is named.", `add --stack, one of ${known.join(", ")}.`);
  const name = given.split("/").at(-1) ?? "";
  const isReview = isReviewStack(name);
  if (!known.includes(name) && !isReview) {
    throw unknownName("stack", given, name, known);
  }
  if (name === localStack) return localStackIn(instanceFolder("main"));
  // A checkout seldom has the settings of a review stack.
  const region = await regionOf(isReview ? reviewTemplate : name, checkout);
  return { name, pulumiName: given, pulumi: { cwd: checkout, env: {} }, aws: { region } };
}

/**
 * The local stack of a system that runs.
 *
 * @param instance the system's folder.
 * @throws StepError when it does not run.
 */
export async function localStackIn(instance: string): Promise<DeployedStack> {
  const emulator = await runningEmulator(instance);
  if (!emulator) throw new StepError("the local system is not running.", "start it with `npm start`.");
  const pulumi = await savedPulumiCli(instance);
  const region = await regionOf(localStack, pulumi.cwd);
  return {
    name: localStack,
    pulumiName: localStack,
    pulumi,
    aws: { region, endpoint: emulator.endpoint, credentials: rootCredentials },
  };
}

/** The command that makes or updates a stack. */
export function updateCommand({ name, pulumiName }: Pick<DeployedStack, "name" | "pulumiName">): string {
  return name === localStack ? "npm start" : `pulumi up -s ${pulumiName}`;
}

/** The name of one of the stack's resources in AWS. */
export function nameInAws(stack: Pick<DeployedStack, "name">, name: string): string {
  return physicalNameIn(project, stack.name, name);
}

/**
 * The function that `--function` names.
 *
 * @throws StepError when there is none of that name.
 */
export function knownFunction(given: string): FunctionName {
  const known = Object.keys(functions);
  if (known.includes(given)) return given as FunctionName;
  throw unknownName("function", given, given, known);
}

/** Says that there is nothing of a name, and which name may have been meant. */
function unknownName(kind: string, given: string, name: string, known: readonly string[]): StepError {
  const near = nearest(name, known);
  const next = near === undefined ? `name one of ${known.join(", ")}.` : `did you mean ${near}?`;
  return new StepError(`there is no ${kind} ${JSON.stringify(given)}; nothing was changed.`, next);
}

/** The template after which review stacks, `pr-<number>`, are made; it is never deployed itself. */
const reviewTemplate = "pr";
const isReviewStack = (name: string): boolean => /^pr-[\w-]+$/.test(name);

async function configuredStacks(): Promise<string[]> {
  const files = await fs.readdir(checkout);
  const names = files.flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
  return names.filter((name) => name !== reviewTemplate && !isReviewStack(name)).sort();
}

/** The region that a stack's settings name. */
async function regionOf(name: string, folder: string): Promise<string> {
  const text = await fs.readFile(path.join(folder, `Pulumi.${name}.yaml`), "utf8");
  return String((parse(text) as { config: Record<string, unknown> }).config["aws:region"]);
}
