/** The functions of a stack that runs: what they run, and running something else. */
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { type FunctionName, imageFunctions, type ImageName } from "../../functions";
import { StepError } from "../../local/errors";
import { type DeployedStack, nameInAws } from "../deployed-stack";

/** A function as it is now. */
export interface RunningFunction {
  /** Its entry in functions.ts. */
  readonly name: FunctionName;
  /** Its name in Lambda. */
  readonly functionName: string;
  /** `host/repository` that its image is in. */
  readonly repository: string;
  /** `sha256:…` of the image of its newest code. */
  readonly digest: string;
}

/** How long AWS may take to make a function's new code ready, in seconds. */
const patience = { minDelay: 0.1, maxDelay: 0.2, maxWaitTime: 120 };

/** Reads and updates a stack's functions. */
export class StackFunctions {
  private readonly lambda: LambdaClient;

  constructor(private readonly stack: DeployedStack) {
    this.lambda = new LambdaClient(stack.aws);
  }

  /** The functions that run an image. */
  async running(image: string): Promise<RunningFunction[]> {
    const names = imageFunctions[image as ImageName];
    return Promise.all(names.map((name) => this.read(name)));
  }

  /**
   * Lets functions run an image that is in their repository: new versions, and `live` points to them.
   *
   * @param migrates whether the database may have to be migrated, which is done before the others serve.
   * @returns the versions, by function.
   */
  async update(
    targets: readonly RunningFunction[],
    digest: string,
    migrates: boolean,
  ): Promise<Record<string, string>> {
    const versions = await Promise.all(
      targets.map(async (target) => [target, await this.publish(target, digest)] as const),
    );
    for (const [{ name, functionName }, version] of versions) {
      if (name === "migrate" && migrates) await this.migrate(functionName, version);
    }
    await Promise.all(
      versions.map(([{ functionName }, version]) =>
        this.lambda.send(
          new UpdateAliasCommand({
            FunctionName: functionName,
            Name: "live",
            FunctionVersion: version,
            RoutingConfig: { AdditionalVersionWeights: {} },
          }),
        ),
      ),
    );
    return Object.fromEntries(versions.map(([{ name }, version]) => [name, version]));
  }

  private async read(name: FunctionName): Promise<RunningFunction> {
    const functionName = nameInAws(this.stack, name);
    const { Code } = await this.lambda
      .send(new GetFunctionCommand({ FunctionName: functionName }))
      .catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
        const up = this.stack.name === "local" ? "npm start" : `pulumi up -s ${this.stack.pulumiName}`;
        throw new StepError(`stack ${this.stack.name} has no function ${functionName}.`, `\`${up}\` makes it.`);
      });
    const [repository = "", digest = ""] = (Code?.ImageUri ?? "").split("@");
    return { name, functionName, repository, digest };
  }

  /** Publishes a version that runs an image. */
  private async publish({ functionName, repository }: RunningFunction, digest: string): Promise<string> {
    const FunctionName = functionName;
    const { Version } = await this.lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName, ImageUri: `${repository}@${digest}`, Publish: true }),
    );
    await waitUntilFunctionActiveV2({ client: this.lambda, ...patience }, { FunctionName, Qualifier: Version });
    return Version!;
  }

  private async migrate(functionName: string, version: string): Promise<void> {
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({ FunctionName: functionName, Qualifier: version, Payload: "{}" }),
    );
    if (FunctionError === undefined) return;
    const answer = Buffer.from(Payload ?? []).toString("utf8");
    throw new StepError(`the database was not migrated: ${answer}`, "mend the migration: what runs was left alone.");
  }
}
