import * as assert from "assert/strict";
import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { theLocalTarget, theTarget } from "./support/target";

/** The names of everything in the account that this program can create. */
async function inventory(): Promise<Record<string, string[]>> {
  const { aws } = theTarget();
  const [apis, logGroups, pools, repositories, roles, functions, buckets, parameters] = await Promise.all([
    new ApiGatewayV2Client(aws).send(new GetApisCommand({})),
    new CloudWatchLogsClient(aws).send(new DescribeLogGroupsCommand({})),
    new CognitoIdentityProviderClient(aws).send(new ListUserPoolsCommand({ MaxResults: 60 })),
    new ECRClient(aws).send(new DescribeRepositoriesCommand({})),
    new IAMClient(aws).send(new ListRolesCommand({})),
    new LambdaClient(aws).send(new ListFunctionsCommand({})),
    new S3Client({ ...aws, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new SSMClient(aws).send(new DescribeParametersCommand({})),
  ]);
  const names = (values: readonly (string | undefined)[] | undefined): string[] =>
    (values ?? []).filter((name) => name !== undefined).sort();
  return {
    apis: names(apis.Items?.map(({ Name }) => Name)),
    logGroups: names(logGroups.logGroups?.map(({ logGroupName }) => logGroupName)),
    userPools: names(pools.UserPools?.map(({ Name }) => Name)),
    repositories: names(repositories.repositories?.map(({ repositoryName }) => repositoryName)),
    roles: names(roles.Roles?.map(({ RoleName }) => RoleName)),
    functions: names(functions.Functions?.map(({ FunctionName }) => FunctionName)),
    buckets: names(buckets.Buckets?.map(({ Name }) => Name)),
    parameters: names(parameters.Parameters?.map(({ Name }) => Name)),
  };
}

describe("destroying the stack", () => {
  it("leaves nothing in the account", async () => {
    const { stack } = theLocalTarget();
    const before = await inventory();
    for (const [kind, names] of Object.entries(before)) assert.notDeepEqual(names, [], `no ${kind} to begin with`);

    await stack.destroy();

    const nothing = Object.fromEntries(Object.keys(before).map((kind) => [kind, []]));
    assert.deepEqual(await inventory(), nothing);
  });
});
