/** The policies of a function's role. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerFunctionArgs } from "../containerFunction";
import { alarmArnPattern, functionArn, parameterArn, physicalName } from "./naming";
import * as statements from "./statements";

/** Who takes on the role of a function: Lambda. */
export function lambdaMayAssume(): pulumi.Output<string> {
  return statements.policyDocument([
    {
      Sid: "LambdaAssumes",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ]);
}

/** What a function's role may do: what the function's arguments say, and no more. */
export function accessPolicy(
  functionName: string,
  logGroup: aws.cloudwatch.LogGroup,
  args: ContainerFunctionArgs,
): pulumi.Output<string> {
  return statements.policyDocument([
    statements.logStatement(logGroup.arn),
    statements.traceStatement(),
    ...statements.networkStatements(logGroup.arn.apply((arn) => functionArn(arn, functionName))),
    ...statements.parameterStatements(
      args.parameters.map((parameter) => logGroup.arn.apply((arn) => parameterArn(arn, parameter))),
    ),
    ...statements.objectStatements(args.bucketArn, args.objects),
    ...statements.checkpointStatements(args.tableArn, args.checkpoints),
    ...(args.consumes === undefined ? [] : statements.consumerStatements(args.consumes.queue)),
    ...(args.publishesTo === undefined ? [] : [statements.publisherStatement(args.publishesTo)]),
    ...trafficStatements(args.shiftsTrafficOf, logGroup),
    ...(args.readsOwnImage === true
      ? [statements.ownImageStatement(logGroup.arn.apply((arn) => functionArn(arn, functionName)))]
      : []),
  ]);
}

function trafficStatements(
  functions: readonly string[] | undefined,
  logGroup: aws.cloudwatch.LogGroup,
): statements.Statement[] {
  if (functions === undefined) return [];
  return statements.trafficStatements(
    functions.map((name) => logGroup.arn.apply((arn) => functionArn(arn, physicalName(name)))),
    logGroup.arn.apply((arn) => alarmArnPattern(arn)),
  );
}
