import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetAuthorizersCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient, ListDashboardsCommand, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityProviderClient,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeSecurityGroupRulesCommand, DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mapRecord } from "../../../components/internal/records";
import { theTarget } from "./target";

/** What this program makes, by kind, as Pulumi calls the type. */
const kinds = {
  alarms: "aws:cloudwatch/metricAlarm:MetricAlarm",
  apis: "aws:apigatewayv2/api:Api",
  authorizers: "aws:apigatewayv2/authorizer:Authorizer",
  buckets: "aws:s3/bucket:Bucket",
  dashboards: "aws:cloudwatch/dashboard:Dashboard",
  databases: "aws:rds/instance:Instance",
  eventBuses: "aws:cloudwatch/eventBus:EventBus",
  eventSourceMappings: "aws:lambda/eventSourceMapping:EventSourceMapping",
  functions: "aws:lambda/function:Function",
  integrations: "aws:apigatewayv2/integration:Integration",
  logGroups: "aws:cloudwatch/logGroup:LogGroup",
  parameters: "aws:ssm/parameter:Parameter",
  permissions: "aws:lambda/permission:Permission",
  queues: "aws:sqs/queue:Queue",
  repositories: "aws:ecr/repository:Repository",
  roles: "aws:iam/role:Role",
  routes: "aws:apigatewayv2/route:Route",
  rules: "aws:cloudwatch/eventRule:EventRule",
  schedules: "aws:scheduler/schedule:Schedule",
  securityGroupEgressRules: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  securityGroupIngressRules: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  securityGroups: "aws:ec2/securityGroup:SecurityGroup",
  tables: "aws:dynamodb/table:Table",
  topics: "aws:sns/topic:Topic",
  userPoolClients: "aws:cognito/userPoolClient:UserPoolClient",
  userPools: "aws:cognito/userPool:UserPool",
} as const;

type Kind = keyof typeof kinds;

/** The names of everything in the account that this program can create; what every account has is left out. */
export async function inventory(): Promise<Record<Kind, string[]>> {
  const { aws } = theTarget();
  const gateway = new ApiGatewayV2Client(aws);
  const cognito = new CognitoIdentityProviderClient(aws);
  const lambda = new LambdaClient(aws);
  const ec2 = new EC2Client(aws);
  const { Items: apis = [] } = await gateway.send(new GetApisCommand({}));
  const { UserPools: userPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const groups = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [];
  const own = groups.filter(({ GroupName }) => GroupName !== "default");
  const rules = (await ec2.send(new DescribeSecurityGroupRulesCommand({}))).SecurityGroupRules ?? [];
  // The rule of a new group that lets it reach everybody is taken back; the local stack's emulator keeps it.
  const ownRules = rules.filter(
    ({ GroupId, IpProtocol }) => IpProtocol !== "-1" && own.some((group) => group.GroupId === GroupId),
  );
  const ruleNames = (egress: boolean): (string | undefined)[] =>
    ownRules.filter(({ IsEgress }) => IsEgress === egress).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);
  const [authorizers, integrations, routes, userPoolClients, permissions] = await Promise.all([
    each(apis, async ({ ApiId }) => (await gateway.send(new GetAuthorizersCommand({ ApiId }))).Items),
    each(apis, async ({ ApiId }) => (await gateway.send(new GetIntegrationsCommand({ ApiId }))).Items),
    each(apis, async ({ ApiId }) => (await gateway.send(new GetRoutesCommand({ ApiId }))).Items),
    each(userPools, async ({ Id }) => {
      const clients = new ListUserPoolClientsCommand({ UserPoolId: Id, MaxResults: 60 });
      return (await cognito.send(clients)).UserPoolClients;
    }),
    each(functions, ({ FunctionName }) => permissionsOf(FunctionName!)),
  ]);
  const [logGroups, repositories, roles, mappings, buckets, parameters] = await Promise.all([
    new CloudWatchLogsClient(aws).send(new DescribeLogGroupsCommand({})),
    new ECRClient(aws).send(new DescribeRepositoriesCommand({})),
    new IAMClient(aws).send(new ListRolesCommand({})),
    lambda.send(new ListEventSourceMappingsCommand({})),
    new S3Client({ ...aws, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new SSMClient(aws).send(new DescribeParametersCommand({ MaxResults: 50 })),
  ]);
  const [buses, schedules, queues, tables, databases] = await Promise.all([
    new EventBridgeClient(aws).send(new ListEventBusesCommand({})),
    new SchedulerClient(aws).send(new ListSchedulesCommand({})),
    new SQSClient(aws).send(new ListQueuesCommand({})),
    new DynamoDBClient(aws).send(new ListTablesCommand({})),
    new RDSClient(aws).send(new DescribeDBInstancesCommand({})),
  ]);
  const { DashboardEntries } = await new CloudWatchClient(aws).send(new ListDashboardsCommand({}));
  const alarms: string[] = [];
  for await (const { MetricAlarms } of paginateDescribeAlarms({ client: new CloudWatchClient(aws) }, {})) {
    alarms.push(...names(MetricAlarms?.map(({ AlarmName }) => AlarmName)));
  }
  const topics: string[] = [];
  for await (const { Topics } of paginateListTopics({ client: new SNSClient(aws) }, {})) {
    topics.push(...names(Topics?.map(({ TopicArn }) => TopicArn)));
  }
  const eventRules = await each(buses.EventBuses ?? [], async ({ Name }) => {
    return (await new EventBridgeClient(aws).send(new ListRulesCommand({ EventBusName: Name }))).Rules;
  });
  return {
    alarms: names(alarms),
    dashboards: names(DashboardEntries?.map(({ DashboardName }) => DashboardName)),
    topics: names(topics),
    apis: names(apis.map(({ Name }) => Name)),
    authorizers: names(authorizers.map(({ Name }) => Name)),
    buckets: names(buckets.Buckets?.map(({ Name }) => Name)),
    databases: names(databases.DBInstances?.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)),
    eventBuses: names(buses.EventBuses?.map(({ Name }) => Name).filter((name) => name !== "default")),
    eventSourceMappings: names(mappings.EventSourceMappings?.map(({ FunctionArn }) => FunctionArn)),
    functions: names(functions.map(({ FunctionName }) => FunctionName)),
    integrations: names(integrations.map(({ IntegrationUri }) => IntegrationUri)),
    logGroups: names(logGroups.logGroups?.map(({ logGroupName }) => logGroupName)),
    parameters: names(parameters.Parameters?.map(({ Name }) => Name)),
    permissions: names(permissions),
    queues: names(queues.QueueUrls),
    repositories: names(repositories.repositories?.map(({ repositoryName }) => repositoryName)),
    roles: names(roles.Roles?.map(({ RoleName }) => RoleName)),
    routes: names(routes.map(({ RouteKey }) => RouteKey)),
    rules: names(eventRules.map(({ Name }) => Name)),
    schedules: names(schedules.Schedules?.map(({ Name }) => Name)),
    securityGroupEgressRules: names(ruleNames(true)),
    securityGroupIngressRules: names(ruleNames(false)),
    securityGroups: names(own.map(({ GroupName }) => GroupName)),
    tables: names(tables.TableNames),
    userPoolClients: names(userPoolClients.map(({ ClientName }) => ClientName)),
    userPools: names(userPools.map(({ Name }) => Name)),
  };
}

/** How many of each kind a stack's Pulumi state has. */
export function countsInState(types: readonly string[]): Record<Kind, number> {
  const count = (type: string): number => types.filter((other) => other === type).length;
  return mapRecord(kinds, count);
}

function names(values: readonly (string | undefined)[] = []): string[] {
  return values.filter((name) => name !== undefined).sort();
}

async function each<T, R>(items: readonly T[], list: (item: T) => Promise<R[] | undefined>): Promise<R[]> {
  return (await Promise.all(items.map(list))).flatMap((listed) => listed ?? []);
}

/** The statements that let others call a function's alias. */
async function permissionsOf(name: string): Promise<string[]> {
  try {
    const policy = new GetPolicyCommand({ FunctionName: name, Qualifier: "live" });
    const { Policy = "{}" } = await new LambdaClient(theTarget().aws).send(policy);
    return (JSON.parse(Policy) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => `${name} ${Sid}`);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw error;
  }
}
