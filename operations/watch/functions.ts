/** The functions of a stack that runs: what they run, and running something else. */
import {
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { type FunctionName, imageFunctions, type ImageName } from "../../functions";
import { StepError } from "../../local/errors";
import { DeployedReleases } from "../deployed-releases";
import { type DeployedStack, nameInAws } from "../deployed-stack";
import { liveFunction } from "../live-functions";

/** A function as it is now. */
export interface RunningFunction {
  /** Its entry in functions.ts. */
  readonly name: FunctionName;
  /** Its name in Lambda. */
  readonly functionName: string;
  /** `host/repository` that its image is in. */
  readonly repository: string;
  /** `sha256:…` of the image that `live` runs: newer code may wait for a migration that failed. */
  readonly digest: string;
}

/** How long AWS may take to make a function's new code ready, in seconds. */
const patience = { minDelay: 0.1, maxDelay: 0.2, maxWaitTime: 120 };

/** Reads and updates a stack's functions. */
export class StackFunctions {
  private readonly lambda: LambdaClient;
  private readonly releases: DeployedReleases;
  /** Whether a migration was asked for that has not succeeded since. */
  private migrationIsDue = false;

  constructor(private readonly stack: DeployedStack) {
    this.lambda = new LambdaClient(stack.aws);
    this.releases = new DeployedReleases(stack);
  }

  /** The functions that run an image. */
  async running(image: string): Promise<RunningFunction[]> {
    const names = imageFunctions[image as ImageName];
    return Promise.all(names.map((name) => this.read(name)));
  }

  /**
   * Lets functions run an image that is in their repository: new versions, and `live` points to them.
   *
   * @param migrates whether the database may have to be migrated, which is done before the others serve; what failed is done
   * again with the next update.
   * @returns the versions, by function.
   */
  async update(
    targets: readonly RunningFunction[],
    digest: string,
    migrates: boolean,
  ): Promise<Record<string, string>> {
    this.migrationIsDue ||= migrates && targets.some(({ name }) => name === "migrate");
    const versions = await Promise.all(
      targets.map(async (target) => [target, await this.publish(target, digest)] as const),
    );
    for (const [{ name, functionName }, version] of versions) {
      if (name !== "migrate" || !this.migrationIsDue) continue;
      await this.migrate(functionName, version);
      this.migrationIsDue = false;
    }
    await Promise.all(versions.map(([{ name }, version]) => this.releases.move(name, version)));
    return Object.fromEntries(versions.map(([{ name }, version]) => [name, version]));
  }

  private async read(name: FunctionName): Promise<RunningFunction> {
    const { uri, digest } = await liveFunction(this.lambda, this.stack, name);
    return { name, functionName: nameInAws(this.stack, name), repository: uri.split("@")[0] ?? "", digest };
  }

  /** Publishes a version that runs an image; of code that is published already, Lambda may name the version that there is. */
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
