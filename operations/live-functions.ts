/** What the functions of a stack run, beside what they should run. */
import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { liveAlias } from "../components/internal/naming";
import type { Pins } from "../components/internal/pins";
import type { FunctionName } from "../functions";
import { StepError } from "../local/errors";
import { type DeployedStack, nameInAws, updateCommand } from "./deployed-stack";
import { recordedDigest } from "./images";
import type { StackOutputs } from "./pulumi";
import { shortDigest } from "./table";

/** What a function's alias `live` leads to. */
export interface Live {
  readonly name: FunctionName;
  readonly version: string;
  /** `<repository>@sha256:<digest>` of the image. */
  readonly uri: string;
  /** Empty where the image is not named by its digest. */
  readonly digest: string;
  readonly state: string;
}

/**
 * Asks Lambda for it.
 *
 * @throws StepError when there is no such function, or it has no such alias
 */
export async function liveFunction(
  lambda: LambdaClient,
  stack: Pick<DeployedStack, "name" | "pulumiName">,
  name: FunctionName,
): Promise<Live> {
  const FunctionName = nameInAws(stack, name);
  try {
    const { Configuration = {}, Code = {} } = await lambda.send(
      new GetFunctionCommand({ FunctionName, Qualifier: liveAlias }),
    );
    const { Version: version = "", State: state = "Active" } = Configuration;
    const uri = Code.ImageUri ?? "";
    return { name, version, uri, digest: uri.split("@")[1] ?? "", state };
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
    throw new StepError(
      `stack ${stack.name} has no function ${FunctionName} with an alias ${liveAlias}.`,
      `\`${updateCommand(stack)}\` makes it.`,
    );
  }
}

/** The states of a function that can be called; Lambda wakes one that nobody has called for weeks, which is `Inactive`. */
const callable = ["Active", "Inactive"];

/**
 * Why a function is not as it should be: it runs the version that a rollback pinned; else, the image of the last update.
 *
 * @param images the stack's output
 * @returns undefined if it is
 */
export function deviation(live: Live, images: StackOutputs["images"], pins: Pins): string | undefined {
  const { name, version, digest, state } = live;
  const [pinned, recorded] = [pins[name], recordedDigest(images, name)];
  if (digest === "") return "its image is not named by a digest";
  if (!callable.includes(state)) return `it is ${state}`;
  if (pinned !== undefined) return version === pinned ? undefined : `a rollback pinned version ${pinned}`;
  if (digest !== recorded) return `the last update was of ${recorded ? shortDigest(recorded) : "no such image"}`;
  return undefined;
}
