/** The images of a stack, by digest: those that run, and those that the next stack takes over. */
import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { functions as registry, type FunctionName } from "../functions";
import { StepError } from "../local/errors";
import type { StackOutputs } from "./pulumi";

/** An image in ECR. */
export interface Image {
  /** `<repository>@sha256:<digest>`, with the registry. */
  readonly uri: string;
  readonly repository: string;
  readonly digest: string;
}

/**
 * The images that the `live` versions of functions run, each once.
 *
 * @param functionNames names in AWS
 * @throws StepError when a function does not exist
 */
export async function runningImages(lambda: LambdaClient, functionNames: readonly string[]): Promise<Image[]> {
  const uris = await Promise.all(functionNames.map((name) => liveImage(lambda, name)));
  return [...new Set(uris)].map(imageAt);
}

/** The images that a promotion takes from a stack: those of its last update, whatever runs there since. */
export function promotedImages({ images }: Pick<StackOutputs, "images">): Image[] {
  return Object.values(images).map(imageAt);
}

/** The digest of the image that a stack's last update gave a function; undefined if it knew no such image. */
export function recordedDigest(images: StackOutputs["images"], name: FunctionName): string | undefined {
  return images[registry[name].image]?.split("@")[1];
}

function imageAt(uri: string): Image {
  const [address = "", digest = ""] = uri.split("@");
  return { uri, repository: address.slice(address.indexOf("/") + 1), digest };
}

async function liveImage(lambda: LambdaClient, name: string): Promise<string> {
  try {
    const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: name, Qualifier: "live" }));
    return Code?.ImageUri ?? "";
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
    throw new StepError(`there is no function ${name} with an alias live.`, "deploy the stack first (`pulumi up`).");
  }
}
