import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Canary, type CanarySettings } from "./canary";
import type { ContainerImage } from "./containerImage";
import { EventQueue } from "./eventQueue";
import { accessPolicy, lambdaMayAssume } from "./internal/functionRole";
import * as limits from "./internal/limits";
import { boundaryArn, liveAlias, physicalName, stackName } from "./internal/naming";
import { architecture } from "./internal/platform";
import * as statements from "./internal/statements";
import { checkArguments, input, oneOf, textLike } from "./internal/validation";

/** Arguments of {@link ContainerFunction}. */
export interface ContainerFunctionArgs {
  /** One sentence for the Lambda console, up to 256 characters. */
  readonly description: string;
  /** The image that it runs, which must name this function among those that may. */
  readonly image: ContainerImage;
  /**
   * Handler to run, such as `["api.migrate.handler"]`.
   *
   * @default the image's own
   */
  readonly command?: readonly string[];
  /** Memory in megabytes, 128 to 10240. */
  readonly memoryMegabytes: number;
  /** Longest run in seconds, 1 to 900. */
  readonly timeoutSeconds: number;
  /**
   * Executions at a time that are kept for, and the most that run of, this function; 0 stops it.
   *
   * @default the account's shared pool
   */
  readonly reservedConcurrency?: number;
  /** Environment variables: names of things, never secrets. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** Names of the parameters that it may read, such as `/student-helper/dev/storage/bucket`; they may be made later. */
  readonly parameters: readonly string[];
  /** The bucket whose objects it may use. */
  readonly bucketArn: pulumi.Input<string>;
  /** Key prefix, which ends in `/`, to what it may do below it. */
  readonly objects: Readonly<Record<string, readonly statements.ObjectAction[]>>;
  /** The table whose checkpoints it may use. */
  readonly tableArn: pulumi.Input<string>;
  /** What it may do with checkpoints. */
  readonly checkpoints: readonly statements.CheckpointAction[];
  /**
   * ARN of the bus on which it may publish events.
   *
   * @default none
   */
  readonly publishesTo?: pulumi.Input<string>;
  /**
   * Names of the functions, such as `api`, whose traffic it may shift between their versions.
   *
   * @default none
   */
  readonly shiftsTrafficOf?: readonly string[];
  /**
   * Whether it may ask Lambda which image it runs.
   *
   * @default false
   */
  readonly readsOwnImage?: boolean;
  /**
   * The queue whose messages it handles, one at a time, and how many of them are handled at the same time, 2 to 1000.
   *
   * @default none
   */
  readonly consumes?: { readonly queue: EventQueue; readonly maximumConcurrency: number };
  /** The VPC that it is connected to. */
  readonly network: {
    readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
    readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  };
  /**
   * What must have happened before new code serves.
   *
   * @default nothing
   */
  readonly servesAfter?: readonly pulumi.Resource[];
  /**
   * Name of the policy that bounds what the role may do, as its permissions boundary.
   *
   * @default none
   */
  readonly permissionsBoundary?: string;
  /**
   * The version that serves, whatever was published since.
   *
   * @default the version just published
   */
  readonly pinnedVersion?: pulumi.Input<string | undefined>;
  /**
   * How a new version proves itself before it serves.
   *
   * @default it serves at once
   */
  readonly canary?: CanarySettings;
  /** Least severe log entries that are kept. */
  readonly logLevel: limits.LogLevel;
  /** How long log entries are kept, in days; one of CloudWatch's values. */
  readonly logRetentionDays: number;
}

const rules = z.object({
  name: limits.shortName,
  description: textLike(/^.{1,256}$/, "1 to 256 characters"),
  memoryMegabytes: limits.memoryMegabytes,
  timeoutSeconds: limits.timeoutSeconds,
  reservedConcurrency: limits.reservedConcurrency.optional(),
  command: z.array(z.string()).min(1, { error: "at least one word" }).optional(),
  parameters: z.array(textLike(/^(\/[\w.-]+)+$/, "a parameter's whole name, which begins with a slash")),
  environment: z.record(
    textLike(/^[a-zA-Z]\w+$/, "a name of letters, digits and _, longer than one"),
    input(z.string({ error: "text" })),
  ),
  objects: z.record(
    textLike(/^([\w.-]+\/)+$/, "a key prefix that ends in /"),
    z.array(oneOf(statements.objectActions)).min(1, { error: "at least one action" }),
  ),
  checkpoints: z.array(oneOf(statements.checkpointActions)),
  consumes: z.object({ maximumConcurrency: limits.maximumConcurrency }).optional(),
  logLevel: oneOf(limits.logLevels),
  logRetentionDays: limits.logRetentionDays,
});

/**
 * A Lambda function that runs a container image, with all that belongs to it alone: role, log group, and the alias
 * `live`, which everything invokes and which points to the version just published, unless another one is pinned.
 *
 * The role may write to the function's log group and do what the arguments say. Its statements name exact resources.
 *
 * @example
 * const analyzer = new ContainerFunction("analyzer", {
 *   description: "Describes uploads",
 *   image,
 *   memoryMegabytes: 512,
 *   timeoutSeconds: 120,
 *   parameters: ["/student-helper/dev/storage/bucket"],
 *   bucketArn: bucket.arn,
 *   objects: { "results/": ["read"] },
 *   consumes: { queue, maximumConcurrency: 5 },
 *   publishesTo: pipeline.arn,
 *   ...
 * });
 */
export class ContainerFunction extends pulumi.ComponentResource {
  /** Name in Lambda. */
  readonly functionName: pulumi.Output<string>;
  /** `live`. */
  readonly aliasName: pulumi.Output<string>;
  /** ARN of the alias: what to invoke. */
  readonly aliasArn: pulumi.Output<string>;
  /** ARN by which API Gateway invokes the alias. */
  readonly invokeArn: pulumi.Output<string>;
  /** The version that the alias points to. */
  readonly version: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ContainerFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:function:ContainerFunction", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const functionName = physicalName(name);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/lambda/${functionName}`, retentionInDays: args.logRetentionDays },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      {
        name: functionName,
        description: `Runs ${functionName}`,
        assumeRolePolicy: lambdaMayAssume(),
        permissionsBoundary: boundaryArn(logGroup.arn, args.permissionsBoundary),
      },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      { name: "declared-access", role: role.name, policy: accessPolicy(functionName, logGroup, args) },
      parent,
    );
    const lambda = new aws.lambda.Function(
      name,
      {
        name: functionName,
        description: args.description,
        packageType: "Image",
        imageUri: args.image.imageUri,
        imageConfig: args.command === undefined ? undefined : { commands: [...args.command] },
        architectures: [architecture],
        memorySize: args.memoryMegabytes,
        timeout: args.timeoutSeconds,
        reservedConcurrentExecutions: args.reservedConcurrency,
        role: role.arn,
        environment: {
          variables: {
            POWERTOOLS_SERVICE_NAME: name,
            POWERTOOLS_LOG_LEVEL: args.logLevel,
            POWERTOOLS_METRICS_NAMESPACE: stackName(),
            ...args.environment,
            ...queueEnvironment(args.consumes?.queue),
          },
        },
        vpcConfig: args.network,
        loggingConfig: loggingConfig(logGroup, args.logLevel),
        // Lambda traces each call by itself; X-Ray's SDK would make a container start later.
        tracingConfig: { mode: "Active" },
        publish: true,
      },
      // Without the policy its first calls fail, without the group Lambda makes one that keeps logs forever, and
      // without the repository's policy it cannot fetch the image.
      { ...parent, dependsOn: [policy, logGroup, args.image.pullPolicy] },
    );
    const version = pulumi.all([args.pinnedVersion, lambda.version]).apply(([pinned, newest]) => pinned ?? newest);
    const servesAfter = [...(args.servesAfter ?? [])];
    if (args.canary !== undefined) {
      const target = { functionName: lambda.name, aliasName: liveAlias, version };
      servesAfter.push(new Canary(name, { ...args.canary, target, dependsOn: args.servesAfter ?? [] }, parent));
    }
    const alias = new aws.lambda.Alias(
      name,
      {
        name: liveAlias,
        description: "What everything invokes",
        functionName: lambda.name,
        functionVersion: version,
      },
      { ...parent, dependsOn: servesAfter },
    );
    if (args.consumes !== undefined) {
      const { queue, maximumConcurrency } = args.consumes;
      new aws.lambda.EventSourceMapping(
        name,
        {
          eventSourceArn: queue.queueArn,
          functionName: alias.arn,
          batchSize: 1, // A function's time is that of one message.
          functionResponseTypes: ["ReportBatchItemFailures"],
          scalingConfig: { maximumConcurrency },
        },
        parent,
      );
    }

    this.functionName = lambda.name;
    this.aliasName = alias.name;
    this.aliasArn = alias.arn;
    this.invokeArn = alias.invokeArn;
    this.version = alias.functionVersion;
    this.registerOutputs({ functionName: this.functionName, aliasArn: this.aliasArn });
  }
}

/** What the shared Python package's consumers are told: student_helper.consumer. */
function queueEnvironment(queue: EventQueue | undefined): Record<string, pulumi.Input<string>> {
  if (queue === undefined) return {};
  return {
    QUEUE_URL: queue.queueUrl,
    DEAD_LETTER_QUEUE_URL: queue.deadLetterQueueUrl,
    MAX_RECEIVES: `${EventQueue.maxReceives}`,
  };
}

/** JSON logs; https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
function loggingConfig(
  logGroup: aws.cloudwatch.LogGroup,
  level: limits.LogLevel,
): aws.types.input.lambda.FunctionLoggingConfig {
  return {
    logFormat: "JSON",
    logGroup: logGroup.name,
    // Lambda's word for Python's WARNING.
    applicationLogLevel: level === "WARNING" ? "WARN" : level,
    // INFO has a REPORT of each call: duration, memory, cold start.
    systemLogLevel: "INFO",
  };
}
