/** Pulumi's CLI, for the stack that a command is about. */
import * as path from "path";
import { probe, type Result, run } from "../local/commands";
import { StepError } from "../local/errors";
import type { DeployedStack } from "./deployed-stack";

/** What is told a command of the CLI: neither a question nor a colour, as nobody sits in front of it. */
const options = ({ pulumiName }: DeployedStack): string[] => ["--stack", pulumiName, "--non-interactive"];

const program = ({ pulumi }: DeployedStack): string => (pulumi.folder ? path.join(pulumi.folder, "pulumi") : "pulumi");

const environment = ({ pulumi }: DeployedStack): Record<string, string> => ({
  ...pulumi.env,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  NO_COLOR: "1",
});

/**
 * Runs a command of Pulumi's CLI for a stack, and returns what it printed.
 *
 * @throws StepError with the last lines that it printed.
 */
export async function pulumi(
  stack: DeployedStack,
  args: readonly string[],
  { next, logFile }: { readonly next: string; readonly logFile?: string },
): Promise<string> {
  const { cwd } = stack.pulumi;
  return run(program(stack), [...args, ...options(stack)], { cwd, env: environment(stack), next, logFile });
}

/** What a stack exports, as far as it is looked at. */
export interface StackOutputs {
  readonly API_BASE_URL: string;
  /** Name of an image to `<repository>@sha256:<digest>`. */
  readonly images: Readonly<Record<string, string>>;
}

/**
 * What a stack exported at its last update.
 *
 * @throws StepError when it was never deployed, or Pulumi does not tell.
 */
export async function outputsOf(stack: DeployedStack): Promise<StackOutputs> {
  const next = "sign in to Pulumi (`pulumi login`), or deploy the stack.";
  const { API_BASE_URL, images } = JSON.parse(
    await pulumi(stack, ["stack", "output", "--json"], { next }),
  ) as Partial<StackOutputs>;
  if (API_BASE_URL === undefined || images === undefined) {
    throw new StepError(`stack ${stack.name} was never deployed.`, `deploy it: pulumi up --stack ${stack.pulumiName}.`);
  }
  return { API_BASE_URL, images };
}

/** Runs a command of Pulumi's CLI that is about no stack, and tells how it ended. */
export async function pulumiProbe(stack: DeployedStack, args: readonly string[]): Promise<Result> {
  return probe(program(stack), [...args, "--non-interactive"], { cwd: stack.pulumi.cwd, env: environment(stack) });
}
