/** What all commands for the operation of a stack have in common. */
import * as readline from "readline/promises";
import { StepError } from "../local/errors";
import { type Accepted, type Given, main } from "../local/main";
import { type DeployedStack, deployedStack } from "./deployed-stack";

/**
 * Runs a command for one stack: `--stack` names it, and AWS's refusals are told with what to do about them.
 *
 * @param action is given the stack and what else the command's user gave.
 * @param options what the command takes beside `--stack`.
 * @param defaultStack the stack that is meant where none is named; without it, one must be.
 */
export function operation(
  help: string,
  action: (stack: DeployedStack, given: Given) => Promise<void>,
  options: Accepted["options"] = {},
  defaultStack?: string,
): void {
  // Advice for this project's developers, not for whoever operates a stack.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  main(
    help,
    async (given) => {
      const stack = await deployedStack(given.options.stack ?? defaultStack);
      try {
        await action(stack, given);
      } catch (error) {
        throw explainedByAws(error, stack);
      }
    },
    { options: { stack: { type: "string" }, ...options } },
  );
}

/** How AWS's clients say that nobody is signed in, or not any more. */
const signInErrors = [
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "TokenProviderError",
  "UnrecognizedClientException",
];

/** How they say that who is signed in may not do that. */
const refusals = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"];

/**
 * An error of AWS as what its reader can act on; any other as it is.
 *
 * @param error what an action threw.
 */
export function explainedByAws(error: unknown, stack: DeployedStack): unknown {
  if (!(error instanceof Error) || error instanceof StepError) return error;
  if (signInErrors.includes(error.name)) {
    return new StepError(
      `your AWS login for stack ${stack.name} is missing or has expired (${error.name}).`,
      "sign in (`aws sso login`, or whatever your team uses), then run the command again.",
    );
  }
  if (refusals.includes(error.name)) {
    return new StepError(error.message, `sign in to the account of stack ${stack.name}, with a role that may do this.`);
  }
  return error;
}

/**
 * Asks whether to go on, unless `--yes` answered before.
 *
 * @param question ends in a question mark.
 * @throws StepError when the answer is no, or nobody can be asked.
 */
export async function confirm(question: string, { options }: Given, input = process.stdin): Promise<void> {
  if (options.yes === true) return;
  if (!input.isTTY) throw new StepError("nobody can be asked here; nothing was changed.", "add --yes.");
  const terminal = readline.createInterface({ input, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new StepError("nothing was changed.", "run the command again when you are ready.");
  }
}
