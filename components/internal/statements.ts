/** IAM policies: what a declaration such as "reads these parameters" means in statements. */
import * as pulumi from "@pulumi/pulumi";

/** One statement of an IAM policy document. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action: readonly string[] | string;
  readonly Resource?: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: unknown;
}

/** What may be done with objects; `list` is asking which there are. */
export type ObjectAction = "read" | "write" | "delete" | "list";

/** Every {@link ObjectAction}. */
export const objectActions = ["read", "write", "delete", "list"] as const satisfies readonly ObjectAction[];

const s3Actions: Readonly<Record<Exclude<ObjectAction, "list">, readonly string[]>> = {
  // An event is about one version of an object, which may not be the newest.
  read: ["s3:GetObject", "s3:GetObjectVersion"],
  write: ["s3:PutObject"],
  delete: ["s3:DeleteObject"],
};

/** What may be done with checkpoints: use them for a step, forget those of an item, expire those of any. */
export type CheckpointAction = (typeof checkpointActions)[number];

/** Every {@link CheckpointAction}. */
export const checkpointActions = ["use", "forget", "expire"] as const;

const dynamodbActions: Readonly<Record<CheckpointAction, readonly string[]>> = {
  use: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
  forget: ["dynamodb:Query", "dynamodb:DeleteItem"],
  expire: ["dynamodb:Scan", "dynamodb:DeleteItem"],
};

/** A policy document as JSON. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** Writing to the streams of one log group; making the group itself stays with the stack. */
export function logStatement(logGroupArn: pulumi.Input<string>): Statement {
  return {
    Sid: "WriteOwnLogs",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    // Lambda names the streams itself, so that nothing narrower than "of this group" can be said.
    Resource: pulumi.interpolate`${logGroupArn}:*`,
  };
}

/**
 * Reading exactly these parameters. A SecureString needs no statement for KMS: the policy of the key `aws/ssm` lets
 * whoever may read a parameter decrypt it through Parameter Store
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html).
 *
 * @returns no statement for no parameters
 */
export function parameterStatements(parameterArns: readonly pulumi.Input<string>[]): Statement[] {
  if (parameterArns.length === 0) return [];
  return [
    {
      Sid: "ReadOwnParameters",
      Effect: "Allow",
      Action: ["ssm:GetParameters"],
      Resource: parameterArns,
    },
  ];
}

/**
 * Using objects of one bucket below key prefixes.
 *
 * @param bucketArn ARN of the bucket
 * @param access key prefix, which ends in `/`, to what may be done below it
 */
export function objectStatements(
  bucketArn: pulumi.Input<string>,
  access: Readonly<Record<string, readonly ObjectAction[]>>,
): Statement[] {
  return Object.entries(access).flatMap(([prefix, actions], index) => {
    const statements: Statement[] = [];
    const onObjects = actions.flatMap((action) => (action === "list" ? [] : s3Actions[action]));
    if (onObjects.length > 0) {
      statements.push({
        Sid: `UseObjects${index}`,
        Effect: "Allow",
        Action: onObjects,
        Resource: pulumi.interpolate`${bucketArn}/${prefix}*`,
      });
    }
    if (actions.includes("list")) {
      statements.push({
        Sid: `ListObjects${index}`,
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: bucketArn,
        Condition: { StringLike: { "s3:prefix": [`${prefix}*`] } },
      });
    }
    return statements;
  });
}

/**
 * Using the table of checkpoints.
 *
 * @returns no statement for no actions
 */
export function checkpointStatements(
  tableArn: pulumi.Input<string>,
  actions: readonly CheckpointAction[],
): Statement[] {
  if (actions.length === 0) return [];
  const onTable = new Set(actions.flatMap((action) => dynamodbActions[action]));
  return [{ Sid: "UseCheckpoints", Effect: "Allow", Action: [...onTable], Resource: tableArn }];
}

/**
 * Consuming a queue, which Lambda does with the function's role, and handing over to its dead-letter queue
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions).
 */
export function consumerStatements(queue: {
  readonly queueArn: pulumi.Input<string>;
  readonly deadLetterQueueArn: pulumi.Input<string>;
}): Statement[] {
  return [
    {
      Sid: "ConsumeOwnQueue",
      Effect: "Allow",
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
      Resource: queue.queueArn,
    },
    {
      Sid: "UseOwnDeadLetterQueue",
      Effect: "Allow",
      Action: ["sqs:SendMessage"],
      Resource: queue.deadLetterQueueArn,
    },
  ];
}

/** Publishing on one event bus. */
export function publisherStatement(busArn: pulumi.Input<string>): Statement {
  return { Sid: "PublishEvents", Effect: "Allow", Action: ["events:PutEvents"], Resource: busArn };
}

/** What connecting a function to a VPC takes. */
export const networkInterfaceActions = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * Being connected to a VPC: what the managed policy AWSLambdaVPCAccessExecutionRole allows for it. Every resource, since
 * the describing actions know no other, and the interfaces do not exist yet when Lambda is given the role; so the
 * function's own code is denied the same
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions).
 *
 * @param functionArn the function, without a version
 */
export function networkStatements(functionArn: pulumi.Input<string>): Statement[] {
  return [
    { Sid: "ConnectToNetwork", Effect: "Allow", Action: networkInterfaceActions, Resource: "*" },
    {
      Sid: "KeepCodeFromNetworkInterfaces",
      Effect: "Deny",
      Action: networkInterfaceActions,
      Resource: "*",
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
    },
  ];
}

/**
 * Sending traces to X-Ray, which Lambda does with a function's role. Every resource, since X-Ray's actions know no other
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html).
 */
export function traceStatement(): Statement {
  return {
    Sid: "SendTraces",
    Effect: "Allow",
    Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    Resource: "*",
  };
}

/**
 * Reading which image a version of a function runs. Both forms of its ARN, since it is the request's path that names the
 * function, and a parameter of it the version.
 *
 * @param functionArn the function, without a version
 */
export function ownImageStatement(functionArn: pulumi.Output<string>): Statement {
  return {
    Sid: "ReadOwnImage",
    Effect: "Allow",
    Action: ["lambda:GetFunction"],
    Resource: [functionArn, pulumi.interpolate`${functionArn}:*`],
  };
}

/**
 * Refusing whoever comes without TLS, be it the account's owner: hence every principal.
 *
 * @param actions what is refused, such as `s3:*`
 * @param resources ARNs of what is protected
 */
export function tlsOnlyStatement(actions: string, resources: readonly pulumi.Input<string>[]): Statement {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: actions,
    Resource: resources,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/**
 * Shifting the traffic of functions between their versions, and watching how the new ones do. Metrics have no ARN: every
 * resource is the only one that GetMetricData knows
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html).
 *
 * @param functionArns the functions, without a version
 * @param alarmsArn the alarms, with a `*` at its end
 */
export function trafficStatements(
  functionArns: readonly pulumi.Input<string>[],
  alarmsArn: pulumi.Input<string>,
): Statement[] {
  return [
    {
      Sid: "ShiftTraffic",
      Effect: "Allow",
      Action: ["lambda:GetAlias", "lambda:UpdateAlias"],
      Resource: functionArns,
    },
    { Sid: "DescribeAlarms", Effect: "Allow", Action: ["cloudwatch:DescribeAlarms"], Resource: alarmsArn },
    { Sid: "ReadMetrics", Effect: "Allow", Action: ["cloudwatch:GetMetricData"], Resource: "*" },
  ];
}
