import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ContainerImage, architectures, type Architecture, type ImageBuild } from "./containerImage";
import { ImageRepository } from "./imageRepository";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import * as statements from "./internal/statements";
import { checkArguments, input, oneOf, textLike } from "./internal/validation";

/** Arguments of {@link ContainerFunction}. */
export interface ContainerFunctionArgs {
  /** One sentence for the Lambda console, up to 256 characters. */
  readonly description: string;
  /** Absolute path of the build context, which holds `<name>/Dockerfile`. */
  readonly context: string;
  /** What this machine needs for its builds. */
  readonly imageBuild: ImageBuild;
  /**
   * Instruction set.
   *
   * @default "x86_64"
   */
  readonly architecture?: Architecture;
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
  /** ARNs of the parameters that it may read. */
  readonly parameterArns: readonly pulumi.Input<string>[];
  /** The bucket whose objects it may use. */
  readonly bucketArn: pulumi.Input<string>;
  /** Key prefix, which ends in `/`, to what it may do below it. */
  readonly objects: Readonly<Record<string, readonly statements.ObjectAction[]>>;
  /** Least severe log entries that are kept. */
  readonly logLevel: limits.LogLevel;
  /** How long log entries are kept, in days; one of CloudWatch's values. */
  readonly logRetentionDays: number;
  /** Whether the image repository refuses to be deleted while it holds images. */
  readonly protectData: boolean;
}

const rules = z.object({
  name: limits.shortName,
  description: textLike(/^.{1,256}$/, "1 to 256 characters"),
  memoryMegabytes: limits.memoryMegabytes,
  timeoutSeconds: limits.timeoutSeconds,
  reservedConcurrency: limits.reservedConcurrency.optional(),
  architecture: oneOf(architectures).optional(),
  environment: z.record(
    textLike(/^[a-zA-Z]\w+$/, "a name of letters, digits and _, longer than one"),
    input(z.string({ error: "text" })),
  ),
  objects: z.record(
    textLike(/^([\w.-]+\/)+$/, "a key prefix that ends in /"),
    z.array(oneOf(statements.objectActions)).min(1, { error: "at least one action" }),
  ),
  logLevel: oneOf(limits.logLevels),
  logRetentionDays: limits.logRetentionDays,
});

/**
 * A Lambda function that runs a container image, with all that belongs to it alone: repository, image, role, log group,
 * and the alias `live`, which everything invokes and which points to the version just published.
 *
 * The role may write to the function's log group and do what the arguments say. Its statements name exact resources.
 *
 * @example
 * const api = new ContainerFunction("api", {
 *   description: "Answers the HTTP API",
 *   context: path.join(__dirname, "images"),
 *   memoryMegabytes: 512,
 *   timeoutSeconds: 15,
 *   parameterArns: [bucketParameter.arn],
 *   bucketArn: bucket.arn,
 *   objects: { "uploads/": ["read"] },
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
  /** The image, by digest. */
  readonly imageUri: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ContainerFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:function:ContainerFunction", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const functionName = physicalName(name);
    const architecture = args.architecture ?? "x86_64";

    const repository = new ImageRepository(name, { functionName, protectData: args.protectData }, parent);
    const image = new ContainerImage(
      name,
      { repository, context: args.context, architecture, build: args.imageBuild },
      parent,
    );
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/lambda/${functionName}`, retentionInDays: args.logRetentionDays },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      { name: functionName, description: `Runs ${functionName}`, assumeRolePolicy: lambdaMayAssume() },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      { name: "declared-access", role: role.name, policy: accessPolicy(logGroup, args) },
      parent,
    );
    const lambda = new aws.lambda.Function(
      name,
      {
        name: functionName,
        description: args.description,
        packageType: "Image",
        imageUri: image.imageUri,
        architectures: [architecture],
        memorySize: args.memoryMegabytes,
        timeout: args.timeoutSeconds,
        reservedConcurrentExecutions: args.reservedConcurrency,
        role: role.arn,
        environment: {
          variables: {
            POWERTOOLS_SERVICE_NAME: name,
            POWERTOOLS_LOG_LEVEL: args.logLevel,
            IMAGE_DIGEST: image.digest,
            ...args.environment,
          },
        },
        loggingConfig: loggingConfig(logGroup, args.logLevel),
        publish: true,
      },
      // Without the policy its first calls fail, without the group Lambda makes one that keeps logs forever, and
      // without the repository's policy it cannot fetch the image.
      { ...parent, dependsOn: [policy, logGroup, repository.pullPolicy] },
    );
    const alias = new aws.lambda.Alias(
      name,
      {
        name: "live",
        description: "What everything invokes",
        functionName: lambda.name,
        functionVersion: lambda.version,
      },
      parent,
    );

    this.functionName = lambda.name;
    this.aliasName = alias.name;
    this.aliasArn = alias.arn;
    this.invokeArn = alias.invokeArn;
    this.version = alias.functionVersion;
    this.imageUri = image.imageUri;
    this.registerOutputs({ functionName: this.functionName, aliasArn: this.aliasArn, imageUri: this.imageUri });
  }
}

function lambdaMayAssume(): pulumi.Output<string> {
  return statements.policyDocument([
    {
      Sid: "LambdaAssumes",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ]);
}

function accessPolicy(logGroup: aws.cloudwatch.LogGroup, args: ContainerFunctionArgs): pulumi.Output<string> {
  return statements.policyDocument([
    statements.logStatement(logGroup.arn),
    ...statements.parameterStatements(args.parameterArns),
    ...statements.objectStatements(args.bucketArn, args.objects),
  ]);
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
