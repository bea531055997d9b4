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

const s3Actions: Readonly<Record<Exclude<ObjectAction, "list">, string>> = {
  read: "s3:GetObject",
  write: "s3:PutObject",
  delete: "s3:DeleteObject",
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
      Action: ["ssm:GetParameter", "ssm:GetParameters"],
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
    const onObjects = actions.flatMap((action) => (action === "list" ? [] : [s3Actions[action]]));
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
