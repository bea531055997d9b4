import * as assert from "assert/strict";
import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { theLocalTarget, theTarget } from "./support/target";

/** The names of everything in the account that this program can create. */
async function inventory(): Promise<Record<string, string[]>> {
  const { aws } = theTarget();
  const [apis, logGroups, pools, repositories, roles, functions, mappings, buckets, parameters] = await Promise.all([
    new ApiGatewayV2Client(aws).send(new GetApisCommand({})),
    new CloudWatchLogsClient(aws).send(new DescribeLogGroupsCommand({})),
    new CognitoIdentityProviderClient(aws).send(new ListUserPoolsCommand({ MaxResults: 60 })),
    new ECRClient(aws).send(new DescribeRepositoriesCommand({})),
    new IAMClient(aws).send(new ListRolesCommand({})),
    new LambdaClient(aws).send(new ListFunctionsCommand({})),
    new LambdaClient(aws).send(new ListEventSourceMappingsCommand({})),
    new S3Client({ ...aws, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new SSMClient(aws).send(new DescribeParametersCommand({ MaxResults: 50 })),
  ]);
  const [buses, rules, schedules, queues, tables, databases] = await Promise.all([
    new EventBridgeClient(aws).send(new ListEventBusesCommand({})),
    new EventBridgeClient(aws).send(new ListRulesCommand({})),
    new SchedulerClient(aws).send(new ListSchedulesCommand({})),
    new SQSClient(aws).send(new ListQueuesCommand({})),
    new DynamoDBClient(aws).send(new ListTablesCommand({})),
    new RDSClient(aws).send(new DescribeDBInstancesCommand({})),
  ]);
  const [alarms, dashboards, topics] = await Promise.all([
    new CloudWatchClient(aws).send(new DescribeAlarmsCommand({})),
    new CloudWatchClient(aws).send(new ListDashboardsCommand({})),
    new SNSClient(aws).send(new ListTopicsCommand({})),
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
    eventSourceMappings: names(mappings.EventSourceMappings?.map(({ FunctionArn }) => FunctionArn)),
    buckets: names(buckets.Buckets?.map(({ Name }) => Name)),
    parameters: names(parameters.Parameters?.map(({ Name }) => Name)),
    // Every account has this one.
    eventBuses: names(buses.EventBuses?.map(({ Name }) => Name).filter((name) => name !== "default")),
    rules: names(rules.Rules?.map(({ Name }) => Name)),
    schedules: names(schedules.Schedules?.map(({ Name }) => Name)),
    queues: names(queues.QueueUrls),
    tables: names(tables.TableNames),
    alarms: names(alarms.MetricAlarms?.map(({ AlarmName }) => AlarmName)),
    dashboards: names(dashboards.DashboardEntries?.map(({ DashboardName }) => DashboardName)),
    topics: names(topics.Topics?.map(({ TopicArn }) => TopicArn)),
    databases: names(databases.DBInstances?.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)),
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
