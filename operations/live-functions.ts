/** What the functions of a stack run, beside what they should run. */
import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Pins } from "../components/internal/pins";
import type { FunctionName } from "../functions";
import { type DeployedStack, nameInAws } from "./deployed-stack";
import { recordedDigest } from "./images";
import type { StackOutputs } from "./pulumi";
import { shortDigest } from "./table";

/** What a function's alias `live` leads to. */
export interface Live {
  readonly name: FunctionName;
  readonly version: string;
  /** Empty where the image is not named by its digest. */
  readonly digest: string;
  readonly state: string;
}

/** Asks Lambda for it. */
export async function liveFunction(
  lambda: LambdaClient,
  stack: Pick<DeployedStack, "name">,
  name: FunctionName,
): Promise<Live> {
  const { Configuration = {}, Code = {} } = await lambda.send(
    new GetFunctionCommand({ FunctionName: nameInAws(stack, name), Qualifier: "live" }),
  );
  const digest = Code.ImageUri?.split("@")[1] ?? "";
  return { name, version: Configuration.Version ?? "", digest, state: Configuration.State ?? "Active" };
}

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
  if (state !== "Active") return `it is ${state}`;
  if (pinned !== undefined) return version === pinned ? undefined : `a rollback pinned version ${pinned}`;
  if (digest !== recorded) return `the last update was of ${recorded ? shortDigest(recorded) : "no such image"}`;
  return undefined;
}
