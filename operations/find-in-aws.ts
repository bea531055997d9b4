/**
 * Finds resources to which AWS itself gives an id, by what they were asked to be: none, one, or several where somebody made
 * others of the same name. What is looked for in something that does not exist, AWS answers with an error.
 */
import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetAuthorizersCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CognitoIdentityProviderClient,
  DeleteUserPoolClientCommand,
  paginateListUserPoolClients,
  paginateListUserPools,
} from "@aws-sdk/client-cognito-identity-provider";
import { IAMClient, ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import { GetPolicyCommand, LambdaClient, paginateListEventSourceMappings } from "@aws-sdk/client-lambda";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { AwsSettings } from "./deployed-stack";
import { ec2Finders, type Finder } from "./find-in-ec2";

/** What API Gateway answers a list with. */
interface Page<Item> {
  readonly Items?: readonly Item[];
  readonly NextToken?: string;
}

/** All items of one of API Gateway's lists. */
async function all<Item>(page: (NextToken?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const { Items = [], NextToken } = await page(token);
    items.push(...Items);
    token = NextToken;
  }
  return items;
}

const api: Finder = async ({ name }, aws) => {
  const client = new ApiGatewayV2Client(aws);
  const apis = await all((NextToken) => client.send(new GetApisCommand({ NextToken })));
  return apis.filter(({ Name }) => Name === name).map(({ ApiId }) => ApiId!);
};

const authorizer: Finder = async ({ apiId, name }, aws) => {
  const client = new ApiGatewayV2Client(aws);
  const found = await all((NextToken) => client.send(new GetAuthorizersCommand({ ApiId: apiId, NextToken })));
  return found.filter(({ Name }) => Name === name).map(({ AuthorizerId }) => `${apiId}/${AuthorizerId}`);
};

const integration: Finder = async ({ apiId, integrationUri }, aws) => {
  const client = new ApiGatewayV2Client(aws);
  const found = await all((NextToken) => client.send(new GetIntegrationsCommand({ ApiId: apiId, NextToken })));
  return found
    .filter(({ IntegrationUri }) => IntegrationUri === integrationUri)
    .map(({ IntegrationId }) => `${apiId}/${IntegrationId}`);
};

const route: Finder = async ({ apiId, routeKey }, aws) => {
  const client = new ApiGatewayV2Client(aws);
  const found = await all((NextToken) => client.send(new GetRoutesCommand({ ApiId: apiId, NextToken })));
  return found.filter(({ RouteKey }) => RouteKey === routeKey).map(({ RouteId }) => `${apiId}/${RouteId}`);
};

const stage: Finder = async ({ apiId, name }, aws) => {
  const client = new ApiGatewayV2Client(aws);
  const found = await all((NextToken) => client.send(new GetStagesCommand({ ApiId: apiId, NextToken })));
  return found.filter(({ StageName }) => StageName === name).map(() => `${apiId}/${name}`);
};

const userPool: Finder = async ({ name }, aws) => {
  const client = new CognitoIdentityProviderClient(aws);
  const found: string[] = [];
  for await (const { UserPools = [] } of paginateListUserPools({ client }, { MaxResults: 60 })) {
    found.push(...UserPools.filter(({ Name }) => Name === name).map(({ Id }) => Id!));
  }
  return found;
};

const userPoolClient: Finder = async ({ userPoolId, name }, aws) => {
  const client = new CognitoIdentityProviderClient(aws);
  const found: string[] = [];
  const pages = paginateListUserPoolClients({ client }, { UserPoolId: userPoolId, MaxResults: 60 });
  for await (const { UserPoolClients = [] } of pages) {
    const fitting = UserPoolClients.filter(({ ClientName }) => ClientName === name);
    found.push(...fitting.map(({ ClientId }) => `${userPoolId}/${ClientId}`));
  }
  return found;
};

/** Deletes a client that nothing uses yet. */
export async function deleteUserPoolClient(importId: string, aws: AwsSettings): Promise<void> {
  const [UserPoolId, ClientId] = importId.split("/");
  await new CognitoIdentityProviderClient(aws).send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId }));
}

const databaseInstance: Finder = async ({ identifier }, aws) => {
  await new RDSClient(aws).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
  return [identifier];
};

const openIdConnectProvider: Finder = async ({ url }, aws) => {
  const { OpenIDConnectProviderList = [] } = await new IAMClient(aws).send(new ListOpenIDConnectProvidersCommand({}));
  const suffix = `:oidc-provider/${url.replace(/^https:\/\//, "")}`;
  return OpenIDConnectProviderList.map(({ Arn }) => Arn!).filter((arn) => arn.endsWith(suffix));
};

const eventSourceMapping: Finder = async ({ eventSourceArn, functionName }, aws) => {
  const client = new LambdaClient(aws);
  const found: string[] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
    { client },
    { EventSourceArn: eventSourceArn },
  )) {
    const fitting = EventSourceMappings.filter(({ FunctionArn }) => FunctionArn === functionName);
    found.push(...fitting.map(({ UUID }) => UUID!));
  }
  return found;
};

/** A statement of a function's policy that lets a service call it. */
interface Permission {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: { readonly Service?: string };
  readonly Condition?: { readonly ArnLike?: Readonly<Record<string, string>> };
}

const permission: Finder = async (inputs, aws) => {
  const { function: name, qualifier, action, principal, sourceArn } = inputs;
  const { Policy } = await new LambdaClient(aws).send(
    new GetPolicyCommand({ FunctionName: name, Qualifier: qualifier || undefined }),
  );
  const { Statement = [] } = JSON.parse(Policy ?? "{}") as { Statement?: readonly Permission[] };
  return Statement.filter(
    ({ Action, Principal, Condition }) =>
      Action === action &&
      Principal.Service === principal &&
      // AWS writes the key in other letters than some who stand in for it.
      Object.values(Condition?.ArnLike ?? {}).includes(sourceArn),
  ).map(({ Sid }) => `${name}${qualifier ? `:${qualifier}` : ""}/${Sid}`);
};

const queue: Finder = async ({ name }, aws) => {
  const { QueueUrl } = await new SQSClient(aws).send(new GetQueueUrlCommand({ QueueName: name }));
  return [QueueUrl!];
};

const secret: Finder = async ({ name }, aws) => {
  const { ARN } = await new SecretsManagerClient(aws).send(new DescribeSecretCommand({ SecretId: name }));
  return [ARN!];
};

export const find = {
  api,
  authorizer,
  databaseInstance,
  eventSourceMapping,
  integration,
  openIdConnectProvider,
  permission,
  queue,
  route,
  secret,
  stage,
  userPool,
  userPoolClient,
  ...ec2Finders,
};
