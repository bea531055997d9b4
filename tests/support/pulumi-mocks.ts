/**
 * Pulumi without an engine: resources are recorded, and answered with what AWS would make of them. A resource type or a
 * function call that is not known here fails the test, so that nothing new goes unnoticed.
 */
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime";
import { imageFunctions } from "../../functions";
import { withoutDebugging } from "../../local/program";

const organization = "student-helper";
const account = "123456789012";
const region = "eu-central-1";
const identityProviderArn = (url: string): string =>
  `arn:aws:iam::${account}:oidc-provider/${url.replace("https://", "")}`;
const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;

/** A resource that a program asked for. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  /** As given; a secret is `{ secret: value }`. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a program asked for, and what it returned. */
export interface Recording<T> {
  readonly resources: readonly RecordedResource[];
  readonly result: T;
  /** The inputs of the one resource of a type and name; fails if there is none or more. */
  readonly inputs: (type: string, name: string) => Readonly<Record<string, unknown>>;
  /** `type name` of all AWS and Docker resources that must exist before a resource, sorted. */
  readonly dependencies: (type: string, name: string) => readonly string[];
  /** Property of a resource to `type name` of all resources from which its value comes. */
  readonly references: (type: string, name: string) => Readonly<Record<string, readonly string[]>>;
  /** What the engine is told of how to treat a resource. */
  readonly options: (type: string, name: string) => ResourceOptions;
  /** `type name` of all AWS and Docker resources, sorted. */
  readonly names: readonly string[];
  /** What it said was wrong. */
  readonly errors: readonly string[];
  /** `type name` of each resource and component, in the order of the program, to that of its parent. */
  readonly parents: ReadonlyMap<string, string>;
}

/** Resource options that tests look at. */
export interface ResourceOptions {
  /** Whether it must not be deleted. */
  readonly protect: boolean;
  /** Whether it stays in AWS when the stack lets go of it. */
  readonly retainOnDelete: boolean;
}

/** The key by which the engine's protocol marks values that are more than JSON; here only secrets are. */
const specialSignature = "4dabf18193072939515e22adb298388d";

type Inputs = Readonly<Record<string, string>>;

/** What AWS adds to a resource: everything that the program may read from it. */
const computed: Readonly<Record<string, (inputs: Inputs) => Record<string, unknown>>> = {
  "aws:apigatewayv2/api:Api": () => ({
    id: "api123",
    apiEndpoint: `https://api123.execute-api.${region}.amazonaws.com`,
    executionArn: arn("execute-api", "api123"),
  }),
  "aws:apigatewayv2/authorizer:Authorizer": () => ({ id: "authorizer123" }),
  "aws:apigatewayv2/integration:Integration": () => ({ id: "integration123" }),
  "aws:apigatewayv2/route:Route": () => ({}),
  "aws:apigatewayv2/stage:Stage": () => ({}),
  "aws:cloudwatch/dashboard:Dashboard": () => ({}),
  "aws:cloudwatch/eventBus:EventBus": ({ name }) => ({ arn: arn("events", `event-bus/${name}`) }),
  "aws:cloudwatch/eventRule:EventRule": ({ name, eventBusName }) => ({
    arn: arn("events", eventBusName === "default" ? `rule/${name}` : `rule/${eventBusName}/${name}`),
  }),
  "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
  "aws:cloudwatch/logGroup:LogGroup": ({ name }) => ({ arn: arn("logs", `log-group:${name}`) }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ name }) => ({ arn: arn("cloudwatch", `alarm:${name}`) }),
  "aws:cognito/userPool:UserPool": () => ({
    id: `${region}_pool123`,
    endpoint: `cognito-idp.${region}.amazonaws.com/${region}_pool123`,
  }),
  "aws:cognito/userPoolClient:UserPoolClient": () => ({ id: "client123" }),
  "aws:dynamodb/table:Table": ({ name }) => ({ arn: arn("dynamodb", `table/${name}`) }),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": () => ({}),
  "aws:ec2/securityGroup:SecurityGroup": ({ name }) => ({ id: `sg-${name}` }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": () => ({}),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": () => ({}),
  "aws:ecr/repository:Repository": ({ name }) => ({
    arn: arn("ecr", `repository/${name}`),
    registryId: account,
    repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
  }),
  "aws:ecr/repositoryPolicy:RepositoryPolicy": () => ({}),
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ({ url }) => ({ arn: identityProviderArn(url ?? "") }),
  "aws:iam/policy:Policy": ({ name }) => ({ arn: `arn:aws:iam::${account}:policy/${name}` }),
  "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::${account}:role/${name}` }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
  "aws:lambda/alias:Alias": ({ functionName, name }) => ({
    arn: arn("lambda", `function:${functionName}:${name}`),
    invokeArn: `invoke:${functionName}:${name}`,
  }),
  "aws:lambda/eventSourceMapping:EventSourceMapping": () => ({}),
  "aws:lambda/function:Function": ({ name }) => ({ arn: arn("lambda", `function:${name}`), version: "7" }),
  "aws:lambda/invocation:Invocation": () => ({ result: '{"revision":"0001"}' }),
  "aws:lambda/permission:Permission": () => ({}),
  "aws:rds/instance:Instance": ({ identifier }) => ({
    address: `${identifier}.abc.${region}.rds.amazonaws.com`,
    port: 5432,
    resourceId: "db-ABC",
  }),
  "aws:rds/parameterGroup:ParameterGroup": () => ({}),
  "aws:rds/proxy:Proxy": ({ name }) => ({ endpoint: `${name}.proxy-abc.${region}.rds.amazonaws.com` }),
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": () => ({ name: "default" }),
  "aws:rds/proxyTarget:ProxyTarget": () => ({}),
  "aws:rds/subnetGroup:SubnetGroup": () => ({}),
  "aws:s3/bucket:Bucket": ({ bucket }) => ({ arn: `arn:aws:s3:::${bucket}` }),
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": () => ({}),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
  "aws:s3/bucketNotification:BucketNotification": () => ({}),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": () => ({}),
  "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
  "aws:s3/bucketVersioning:BucketVersioning": () => ({}),
  "aws:scheduler/schedule:Schedule": () => ({}),
  "aws:secretsmanager/secret:Secret": ({ name }) => ({
    id: arn("secretsmanager", `secret:${name}-AbCdEf`),
    arn: arn("secretsmanager", `secret:${name}-AbCdEf`),
  }),
  "aws:secretsmanager/secretVersion:SecretVersion": () => ({}),
  "aws:sns/topic:Topic": ({ name }) => ({ arn: arn("sns", `${name}`) }),
  "aws:sns/topicPolicy:TopicPolicy": () => ({}),
  "aws:sns/topicSubscription:TopicSubscription": () => ({}),
  "aws:sqs/queue:Queue": ({ name }) => ({
    arn: arn("sqs", `${name}`),
    url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
  }),
  "aws:sqs/queuePolicy:QueuePolicy": () => ({}),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": () => ({}),
  "aws:ssm/parameter:Parameter": ({ name }) => ({ arn: arn("ssm", `parameter${name}`) }),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": () => ({}),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
  // A component of a plugin's, which makes a VPC and all that belongs to it.
  "awsx:ec2:Vpc": () => ({
    vpcId: "vpc-own",
    privateSubnetIds: ["subnet-private-1", "subnet-private-2"],
    isolatedSubnetIds: ["subnet-isolated-1", "subnet-isolated-2"],
  }),
  "docker-build:index:Image": () => ({ digest: `sha256:${"d".repeat(64)}`, ref: "" }),
};

/** The images of another stack that is deployed. */
const imagesOf = (stack: string): Record<string, string> =>
  Object.fromEntries(
    Object.keys(imageFunctions).map((name) => [
      name,
      `${account}.dkr.ecr.${region}.amazonaws.com/student-helper-${stack}-${name}@sha256:${"d".repeat(64)}`,
    ]),
  );

const calls: Readonly<Record<string, Record<string, unknown> | ((inputs: Inputs) => Record<string, unknown>)>> = {
  "aws:ec2/getSubnets:getSubnets": { ids: ["subnet-b", "subnet-a"] },
  "aws:ec2/getVpc:getVpc": { id: "vpc-default" },
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: "token" },
  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": ({ url }) => ({ arn: identityProviderArn(url ?? "") }),
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: account },
  // As the engine answers: "never" is no stack, "empty" was destroyed, "old" has the api's image alone.
  "pulumi:pulumi:readStackOutputs": ({ name = "" }) => {
    const stack = name.split("/").at(-1) ?? "";
    if (stack === "never") throw Object.assign(new Error(), { details: `unknown stack "${name}"` });
    if (stack === "empty") return { name, outputs: {} };
    const { api, ...others } = imagesOf(stack);
    return { name, outputs: { images: stack === "old" ? { api } : { api, ...others } } };
  },
  // Nothing is pinned in any stack.
  "aws:ssm/getParametersByPath:getParametersByPath": ({ path = "" }) => ({
    names: [`${path}/pinned_versions`],
    values: ["{}"],
  }),
};

/**
 * Runs a program, waits until all of its resources are registered, and returns what it asked for.
 *
 * @param program makes resources and may return something
 * @param stack name of the stack
 * @param project name of the project
 * @param answers what function calls are answered that another AWS than usual would answer
 */
export async function record<T>(
  program: () => T,
  stack = "test",
  project = "student-helper",
  answers: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<Recording<T>> {
  const resources: RecordedResource[] = [];
  // Pulumi keeps what its monitor throws to itself: collected here, it fails the test.
  const failures: string[] = [];
  const unknown = (what: string): never => {
    failures.push(what);
    throw new Error(what);
  };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }: MockResourceArgs) => {
        const answer = computed[type];
        if (answer === undefined) {
          // The project's own components have nothing that AWS would add.
          if (custom !== true && type.startsWith("student-helper:")) return { id: undefined, state: {} };
          return unknown(`a resource of type ${type}, "${name}"`);
        }
        const given = inputs as Inputs;
        resources.push({ type, name, inputs: showSecrets(given) as Record<string, unknown> });
        const { id = name, ...state } = answer(given);
        return { id: String(id), state: { ...given, ...state } };
      },
      call: ({ token, inputs }: MockCallArgs) => {
        const answer = answers[token] ?? calls[token] ?? unknown(`a call of ${token}`);
        return typeof answer === "function" ? answer(inputs as Inputs) : answer;
      },
    },
    project,
    stack,
    false,
    organization,
  );
  const requested = watchRequests();
  const errors: string[] = [];
  // Where there is no engine, the SDK logs here.
  const log = mock.method(console, "error", (message: string) => errors.push(message.replace("error: [runtime] ", "")));
  const run = async (): Promise<T> => {
    const result = program();
    await pulumi.runtime.disconnect();
    // What follows from the last answer.
    await new Promise(setImmediate);
    return result;
  };
  const result = await withoutDebugging(run).finally(() => log.mock.restore());
  if (failures.length > 0) throw new Error(`The mocks do not know ${failures.join(", ")}.`);

  const names = resources.map(({ type, name }) => `${type} ${name}`).sort();
  const inputs = (type: string, name: string): Readonly<Record<string, unknown>> => {
    const found = resources.filter((resource) => resource.type === type && resource.name === name);
    if (found.length !== 1) throw new Error(`${found.length} of ${type} "${name}"; there are: ${names.join(", ")}`);
    return found[0]?.inputs ?? {};
  };
  const dependencies = (type: string, name: string): readonly string[] =>
    (requested.get(`${type} ${name}`)?.dependencies ?? []).filter((dependency) => names.includes(dependency));
  const references: Recording<T>["references"] = (type, name) => requested.get(`${type} ${name}`)?.references ?? {};
  const options: Recording<T>["options"] = (type, name) => {
    const found = requested.get(`${type} ${name}`);
    if (found === undefined) throw new Error(`No ${type} "${name}"; there are: ${names.join(", ")}`);
    return found.options;
  };
  const parents = new Map([...requested].map(([resource, { parent }]) => [resource, parent]));
  return { resources, result, inputs, dependencies, references, options, names, errors, parents };
}

/** Where a resource belongs, what it is told to wait for, and where its properties' values come from. */
interface Requested {
  readonly parent: string;
  readonly dependencies: readonly string[];
  readonly references: Readonly<Record<string, readonly string[]>>;
  readonly options: ResourceOptions;
}

/** Notes of each resource, by `type name`, what the SDK does not hand over to its mocks. */
function watchRequests(): ReadonlyMap<string, Requested> {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const registerResource = monitor.registerResource.bind(monitor);
  const found = new Map<string, Requested>();
  monitor.registerResource = (request, callback) => {
    const references: Record<string, readonly string[]> = {};
    request.getPropertydependenciesMap().forEach((from, property) => {
      references[property] = from.getUrnsList().map(typeAndName);
    });
    found.set(`${request.getType()} ${request.getName()}`, {
      parent: typeAndName(request.getParent()),
      dependencies: request.getDependenciesList().map(typeAndName).sort(),
      references,
      options: { protect: request.getProtect() === true, retainOnDelete: request.getRetainondelete() === true },
    });
    return registerResource(request, callback);
  };
  return found;
}

/** What the SDK's own mocks answer. */
interface Monitor {
  registerResource: (request: RegisterRequest, callback: unknown) => Promise<void>;
}

/** One resource, in the engine's protocol. */
interface RegisterRequest {
  readonly getType: () => string;
  readonly getName: () => string;
  readonly getParent: () => string;
  readonly getDependenciesList: () => string[];
  readonly getProtect: () => boolean | undefined;
  readonly getRetainondelete: () => boolean | undefined;
  readonly getPropertydependenciesMap: () => {
    forEach: (callback: (from: { getUrnsList: () => string[] }, property: string) => void) => void;
  };
}

/** `aws:sqs/queue:Queue analyzer` for `urn:pulumi:stack::project::component$aws:sqs/queue:Queue::analyzer`. */
function typeAndName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").pop()} ${name}`;
}

/** Turns the engine's way to mark secrets into `{ secret: value }`. */
function showSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(showSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (specialSignature in value) return { secret: showSecrets((value as { value?: unknown }).value) };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, showSecrets(entry)]));
}

/** The value that an output gets. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Whether an output will get a value. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}

/** The statements of a policy document. */
export function statementsOf(policy: unknown): unknown[] {
  const document = JSON.parse(String(policy)) as { Version: string; Statement: unknown[] };
  if (document.Version !== "2012-10-17") throw new Error(`A policy of version ${document.Version}`);
  return document.Statement;
}
