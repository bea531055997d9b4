/** Pulumi's CLI, for the stack that a command is about. */
import * as path from "path";
import { probe, type Result, run } from "../local/commands";
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

/** Runs a command of Pulumi's CLI that is about no stack, and tells how it ended. */
export async function pulumiProbe(stack: DeployedStack, args: readonly string[]): Promise<Result> {
  return probe(program(stack), [...args, "--non-interactive"], { cwd: stack.pulumi.cwd, env: environment(stack) });
}
