/** Requests to AWS of every sort that the stack's roles might try, by what they do. */
import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ListUsersCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
} from "@aws-sdk/client-eventbridge";
import { GetRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetAliasCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetBucketPolicyCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetTopicAttributesCommand, ListTopicsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { consumers } from "./consumers";
import { logGroupOf, type Neighbours } from "./neighbours";
import { queueUrl } from "./queues";
import { type AwsSettings, theTarget } from "./target";

/** A request by what it does, as `lambda: invoke api`. */
export type Requests = Readonly<Record<string, () => Promise<unknown>>>;

/** Nobody and nothing has it. */
const nothing = "00000000-0000-7000-8000-000000000000";
const stack = "student-helper-local";

/** For each function of the stack, by its name. */
const forEachFunction = (what: (name: string) => string, request: (name: string) => Promise<unknown>): Requests =>
  Object.fromEntries(Object.keys(theTarget().functions).map((name) => [what(name), () => request(name)]));

/** Everything that is tried, with somebody's credentials. None of it changes what the stack does. */
export function requestsOf(settings: AwsSettings, neighbours: Neighbours): Requests {
  return {
    ...onFunctions(new LambdaClient(settings)),
    ...onLogs(new CloudWatchLogsClient(settings), neighbours),
    ...onMetrics(new CloudWatchClient(settings)),
    ...onQueues(new SQSClient(settings)),
    ...onEvents(new EventBridgeClient(settings), new SchedulerClient(settings)),
    ...onCheckpoints(new DynamoDBClient(settings)),
    ...onSecrets(new SecretsManagerClient(settings), new SSMClient(settings), new KMSClient(settings), neighbours),
    ...onTopics(new SNSClient(settings), neighbours),
    ...onImages(new ECRClient(settings), neighbours),
    ...onUsers(new CognitoIdentityProviderClient(settings)),
    ...onRoles(new IAMClient(settings), new STSClient(settings), neighbours),
    ...onTheRest(settings),
  };
}

function onFunctions(lambda: LambdaClient): Requests {
  const name = (key: string): string => theTarget().functions[key]!.name;
  return {
    "lambda: list": () => lambda.send(new ListFunctionsCommand({})),
    ...forEachFunction(
      (key) => `lambda: invoke ${key}`,
      (key) =>
        lambda.send(
          new InvokeCommand({ FunctionName: theTarget().functions[key]!.aliasArn, InvocationType: "DryRun" }),
        ),
    ),
    ...forEachFunction(
      (key) => `lambda: read the code of ${key}`,
      (key) => lambda.send(new GetFunctionCommand({ FunctionName: name(key) })),
    ),
    ...forEachFunction(
      (key) => `lambda: read the alias of ${key}`,
      (key) => lambda.send(new GetAliasCommand({ FunctionName: name(key), Name: "live" })),
    ),
  };
}

function onLogs(logs: CloudWatchLogsClient, { logStream: logStreamName }: Neighbours): Requests {
  return {
    ...forEachFunction(
      (key) => `logs: write those of ${key}`,
      (key) => {
        const logEvents = [{ timestamp: Date.now(), message: "{}" }];
        return logs.send(new PutLogEventsCommand({ logGroupName: logGroupOf(key), logStreamName, logEvents }));
      },
    ),
    ...forEachFunction(
      (key) => `logs: read those of ${key}`,
      (key) => logs.send(new FilterLogEventsCommand({ logGroupName: logGroupOf(key), limit: 1 })),
    ),
  };
}

function onMetrics(cloudwatch: CloudWatchClient): Requests {
  const now = new Date();
  const MetricStat = { Metric: { Namespace: "AWS/Lambda", MetricName: "Errors" }, Period: 60, Stat: "Sum" };
  return {
    "cloudwatch: get metrics": () =>
      cloudwatch.send(
        new GetMetricDataCommand({ StartTime: now, EndTime: now, MetricDataQueries: [{ Id: "errors", MetricStat }] }),
      ),
    "cloudwatch: put metrics": () =>
      cloudwatch.send(new PutMetricDataCommand({ Namespace: "Test", MetricData: [{ MetricName: "Test", Value: 1 }] })),
    "cloudwatch: describe all alarms": () => cloudwatch.send(new DescribeAlarmsCommand({})),
  };
}

function onQueues(sqs: SQSClient): Requests {
  const queues = consumers.flatMap((name) => [name, `${name}-dead-letter`]);
  return Object.fromEntries(
    queues.map((name) => [
      `sqs: send to ${name}`,
      async () => sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(name), MessageBody: "{}" })),
    ]),
  );
}

function onEvents(events: EventBridgeClient, scheduler: SchedulerClient): Requests {
  const put = (EventBusName: string): Promise<unknown> =>
    events.send(
      new PutEventsCommand({ Entries: [{ EventBusName, Source: "test", DetailType: "Test", Detail: "{}" }] }),
    );
  return {
    "events: put on the pipeline's bus": () => put(`${stack}-pipeline`),
    "events: put on the default bus": () => put("default"),
    "events: list rules": () => events.send(new ListRulesCommand({ EventBusName: `${stack}-pipeline` })),
    "events: describe a rule": () => events.send(new DescribeRuleCommand({ Name: `${stack}-image-processor` })),
    "scheduler: list schedules": () => scheduler.send(new ListSchedulesCommand({})),
    "scheduler: read a schedule": () => scheduler.send(new GetScheduleCommand({ Name: `${stack}-cleanup` })),
  };
}

function onCheckpoints(dynamodb: DynamoDBClient): Requests {
  const TableName = `${stack}-checkpoints`;
  const Key = { item_id: { S: nothing }, step: { S: "none" } };
  // No row is made.
  const ConditionExpression = "attribute_exists(item_id)";
  return {
    "dynamodb: get": () => dynamodb.send(new GetItemCommand({ TableName, Key })),
    "dynamodb: put": () => dynamodb.send(new PutItemCommand({ TableName, Item: Key, ConditionExpression })),
    "dynamodb: update": () => dynamodb.send(new UpdateItemCommand({ TableName, Key, ConditionExpression })),
    "dynamodb: delete": () => dynamodb.send(new DeleteItemCommand({ TableName, Key })),
    "dynamodb: query": () =>
      dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "item_id = :id",
          ExpressionAttributeValues: { ":id": Key.item_id },
        }),
      ),
    "dynamodb: scan": () => dynamodb.send(new ScanCommand({ TableName, Limit: 1 })),
    "dynamodb: describe the table": () => dynamodb.send(new DescribeTableCommand({ TableName })),
  };
}

function onSecrets(secrets: SecretsManagerClient, ssm: SSMClient, kms: KMSClient, neighbours: Neighbours): Requests {
  const { secret: SecretId, parameter: Name, key: KeyId, ciphertext: CiphertextBlob } = neighbours;
  const Path = "/student-helper/local/";
  return {
    "secretsmanager: list": () => secrets.send(new ListSecretsCommand({})),
    "secretsmanager: read": () => secrets.send(new GetSecretValueCommand({ SecretId })),
    "secretsmanager: write": () => secrets.send(new PutSecretValueCommand({ SecretId, SecretString: "text" })),
    "ssm: read all at once": () => ssm.send(new GetParametersByPathCommand({ Path, Recursive: true })),
    "ssm: write the neighbour's": () =>
      ssm.send(new PutParameterCommand({ Name, Value: "text", Type: "String", Overwrite: true })),
    "kms: describe": () => kms.send(new DescribeKeyCommand({ KeyId })),
    "kms: encrypt": () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") })),
    "kms: decrypt": () => kms.send(new DecryptCommand({ KeyId, CiphertextBlob })),
  };
}

function onTopics(sns: SNSClient, { topic: TopicArn }: Neighbours): Requests {
  return {
    "sns: list": () => sns.send(new ListTopicsCommand({})),
    "sns: publish": () => sns.send(new PublishCommand({ TopicArn, Message: "text" })),
    "sns: read who is told of alarms": () =>
      sns.send(new GetTopicAttributesCommand({ TopicArn: theTarget().alarmTopicArn })),
  };
}

function onImages(ecr: ECRClient, { repository: repositoryName }: Neighbours): Requests {
  const imageIds = [{ imageTag: "none" }];
  return {
    "ecr: sign in": () => ecr.send(new GetAuthorizationTokenCommand({})),
    "ecr: pull the neighbour's": () => ecr.send(new BatchGetImageCommand({ repositoryName, imageIds })),
    "ecr: pull the stack's": () => ecr.send(new BatchGetImageCommand({ repositoryName: `${stack}-api`, imageIds })),
    "ecr: describe the neighbour's": () => ecr.send(new DescribeImagesCommand({ repositoryName })),
  };
}

function onUsers(cognito: CognitoIdentityProviderClient): Requests {
  const UserPoolId = theTarget().userPoolId;
  const user = { UserPoolId, Username: nothing };
  return {
    "cognito: list users": () => cognito.send(new ListUsersCommand({ UserPoolId })),
    "cognito: read a user": () => cognito.send(new AdminGetUserCommand(user)),
    "cognito: set a password": () =>
      cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: "Aa1!aaaaaaaaaaaa", Permanent: true })),
  };
}

function onRoles(iam: IAMClient, sts: STSClient, { role }: Neighbours): Requests {
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
  });
  const takeOn = (RoleArn: string): Promise<unknown> =>
    sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));
  return {
    "iam: list roles": () => iam.send(new ListRolesCommand({})),
    "iam: read a role": () => iam.send(new GetRoleCommand({ RoleName: role.name })),
    "iam: change a role": () =>
      iam.send(new PutRolePolicyCommand({ RoleName: role.name, PolicyName: "deny", PolicyDocument })),
    "sts: take on the neighbour": () => takeOn(role.arn),
    ...forEachFunction(
      (key) => `sts: take on ${key}'s role`,
      (key) => takeOn(role.arn.replace(role.name, theTarget().functions[key]!.name)),
    ),
  };
}

function onTheRest(settings: AwsSettings): Requests {
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  return {
    "s3: list buckets": () => s3.send(new ListBucketsCommand({})),
    "s3: read the bucket's policy": () => s3.send(new GetBucketPolicyCommand({ Bucket: theTarget().uploadBucket })),
    "rds: describe databases": () => new RDSClient(settings).send(new DescribeDBInstancesCommand({})),
    "apigateway: list APIs": () => new ApiGatewayV2Client(settings).send(new GetApisCommand({})),
  };
}
