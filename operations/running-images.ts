import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { StepError } from "../local/errors";

/** An image that functions run. */
export interface RunningImage {
  /** `<repository>@sha256:<digest>`, with the registry. */
  readonly uri: string;
  readonly repository: string;
  readonly digest: string;
  /** Names in AWS. */
  readonly functions: readonly string[];
}

/**
 * The images that the `live` versions of functions run, each once.
 *
 * @param functionNames names in AWS
 * @throws StepError when a function does not exist
 */
export async function runningImages(lambda: LambdaClient, functionNames: readonly string[]): Promise<RunningImage[]> {
  const uris = await Promise.all(functionNames.map((name) => liveImage(lambda, name)));
  return [...new Set(uris)].map((uri) => {
    const [address = "", digest = ""] = uri.split("@");
    const functions = functionNames.filter((_, index) => uris[index] === uri);
    return { uri, repository: address.slice(address.indexOf("/") + 1), digest, functions };
  });
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
