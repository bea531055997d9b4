/** What AWS knows about the versions of a stack's functions, and how they are moved. */
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  GetAliasCommand,
  GetFunctionCommand,
  LambdaClient,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { paginateGetParameterHistory, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { keptImages } from "../components/internal/limits";
import { liveAlias, pinsParameterIn } from "../components/internal/naming";
import { parsePins, type Pins } from "../components/internal/pins";
import { functions as registry, type FunctionName, servingFunctions } from "../functions";
import { StepError } from "../local/errors";
import { project } from "../local/stack-state";
import { type DeployedStack, nameInAws } from "./deployed-stack";
import type { DeployedFunction, FunctionVersion, PinChange, Releases } from "./release-plan";
import { updatesOf } from "./update-history";

/**
 * Lambda answers 100 GetFunction requests a second, of whoever asks in the account and region
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html): in an emergency others ask, too, and the SDK's
 * three attempts end within a second.
 */
const maxAttempts = 10;

/** The versions of a stack's functions. */
export class DeployedReleases {
  readonly #stack: DeployedStack;
  readonly #lambda: LambdaClient;
  readonly #ssm: SSMClient;
  readonly #ecr: ECRClient;

  constructor(stack: DeployedStack) {
    this.#stack = stack;
    this.#lambda = new LambdaClient({ ...stack.aws, maxAttempts });
    this.#ssm = new SSMClient(stack.aws);
    this.#ecr = new ECRClient(stack.aws);
  }

  /**
   * The functions that serve, with their newest versions, as many as images are kept; and older ones, if one is live or was
   * ever pinned.
   *
   * @throws StepError when one does not exist.
   */
  functions(pinChanges: readonly PinChange[]): Promise<DeployedFunction[]> {
    return Promise.all(
      servingFunctions.map((name) =>
        this.#function(
          name,
          pinChanges.map(({ pins }) => pins[name]),
        ),
      ),
    );
  }

  async #function(name: FunctionName, pinned: readonly (string | undefined)[]): Promise<DeployedFunction> {
    const FunctionName = nameInAws(this.#stack, name);
    try {
      const { FunctionVersion: live = "", RoutingConfig } = await this.#lambda.send(
        new GetAliasCommand({ FunctionName, Name: liveAlias }),
      );
      const versions = await this.#versions(FunctionName, [live, ...pinned]);
      return { name, versions, live, shares: RoutingConfig?.AdditionalVersionWeights ?? {} };
    } catch (error) {
      if ((error as Error).name !== "ResourceNotFoundException") throw error;
      throw notDeployed(this.#stack, `function ${FunctionName} with an alias ${liveAlias}`);
    }
  }

  async #versions(FunctionName: string, kept: readonly (string | undefined)[]): Promise<FunctionVersion[]> {
    const published: { readonly version: string; readonly publishedAt: Date }[] = [];
    for await (const page of paginateListVersionsByFunction({ client: this.#lambda }, { FunctionName })) {
      for (const { Version = "", LastModified = "" } of page.Versions ?? []) {
        if (Version !== "$LATEST") published.push({ version: Version, publishedAt: new Date(LastModified) });
      }
    }
    published.sort((one, other) => Number(one.version) - Number(other.version));
    const versions: FunctionVersion[] = [];
    for (const [index, entry] of published.entries()) {
      if (index < published.length - keptImages && !kept.includes(entry.version)) continue;
      // One after the other, beside those of the other functions: all at once would be more than Lambda answers.
      versions.push({ ...entry, digest: await this.#digest(FunctionName, entry.version) });
    }
    return versions;
  }

  async #digest(FunctionName: string, Qualifier: string): Promise<string> {
    const { Code } = await this.#lambda.send(new GetFunctionCommand({ FunctionName, Qualifier }));
    return Code?.ResolvedImageUri?.split("@")[1] ?? "";
  }

  /**
   * What was pinned when, oldest first.
   *
   * @throws StepError when the stack has no such parameter, or it holds what no rollback wrote.
   */
  async pinChanges(): Promise<PinChange[]> {
    const Name = this.#pinsParameter;
    const values: { readonly at: Date; readonly text: string }[] = [];
    try {
      for await (const { Parameters = [] } of paginateGetParameterHistory({ client: this.#ssm }, { Name })) {
        for (const { Value: text = "", LastModifiedDate: at = new Date(0) } of Parameters) values.push({ at, text });
      }
    } catch (error) {
      if ((error as Error).name !== "ParameterNotFound") throw error;
      throw notDeployed(this.#stack, `parameter ${Name}`);
    }
    return values.flatMap(({ at, text }, index) => {
      try {
        return [{ at, pins: parsePins(Name, text) }];
      } catch (error) {
        // What was wrong once and mended since does not matter any more.
        if (index < values.length - 1) return [];
        throw new StepError((error as Error).message, "write {} into it, or the versions that are to stay.");
      }
    });
  }

  /** Writes which functions are pinned to which versions. */
  async pin(pins: Pins): Promise<void> {
    const Value = JSON.stringify(pins);
    await this.#ssm.send(new PutParameterCommand({ Name: this.#pinsParameter, Value, Overwrite: true }));
  }

  /** Moves a function's alias, and gives it all of the traffic. */
  async move(name: FunctionName, version: string): Promise<void> {
    await this.#lambda.send(
      new UpdateAliasCommand({
        FunctionName: nameInAws(this.#stack, name),
        Name: liveAlias,
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
  }

  /** Whether a version's image is still in the stack's repository: Lambda fetches it again at times. */
  async hasImage(name: FunctionName, { digest }: FunctionVersion): Promise<boolean> {
    const repositoryName = nameInAws(this.#stack, registry[name].image);
    const command = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest: digest }] });
    try {
      const { imageDetails = [] } = await this.#ecr.send(command);
      return imageDetails.length > 0;
    } catch (error) {
      if ((error as Error).name === "ImageNotFoundException") return false;
      throw error;
    }
  }

  get #pinsParameter(): string {
    return pinsParameterIn(project, this.#stack.name);
  }
}

function notDeployed({ name, aws }: DeployedStack, missing: string): StepError {
  return new StepError(
    `stack ${name} has no ${missing} in ${aws.region}; nothing was changed.`,
    `sign in to the account of stack ${name}, or deploy it: pulumi up --stack ${name}.`,
  );
}

/**
 * All that is known of a stack's releases.
 *
 * @returns also why Pulumi's history cannot be read, if so.
 * @throws StepError when the stack is not deployed.
 */
export async function releasesOf(stack: DeployedStack): Promise<{ releases: Releases; historyProblem?: string }> {
  const deployed = new DeployedReleases(stack);
  const pinned = deployed.pinChanges();
  const [functions, pinChanges, history] = await Promise.all([
    pinned.then((changes) => deployed.functions(changes)),
    pinned,
    updatesOf(stack).then(
      (updates) => ({ updates }),
      (error: unknown) => ({ problem: (error as Error).message }),
    ),
  ]);
  if ("updates" in history) return { releases: { functions, pinChanges, updates: history.updates } };
  return { releases: { functions, pinChanges }, historyProblem: history.problem };
}
