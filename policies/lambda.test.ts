import * as aws from "@pulumi/aws";
import { type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as lambda from "./lambda";

const permission = (props: Record<string, unknown>): Fixture =>
  resource(aws.lambda.Permission, { action: "lambda:InvokeFunction", function: "api", ...props });
const lambdaFunction = (props: Record<string, unknown>, loggingGroups: string[] = []): Fixture =>
  resource(aws.lambda.Function, props, { references: { loggingConfig: loggingGroups } });

const consumer = lambdaFunction({});
const alias = resource(aws.lambda.Alias, {}, { references: { functionName: [key(consumer)] } });
const group = resource(aws.cloudwatch.LogGroup, { retentionInDays: 7 });
const deadLetters = resource(aws.sqs.Queue, {}, { name: "dead-letters" });
const queue = resource(aws.sqs.Queue, {}, { references: { redrivePolicy: [key(deadLetters)] } });
const mapping = (props: Record<string, unknown>): Fixture =>
  resource(aws.lambda.EventSourceMapping, props, {
    references: { eventSourceArn: [key(queue)], functionName: [key(alias)] },
  });

testControls(lambda, {
  noPublicPermission: {
    kept: {
      "a service on behalf of one resource": [
        permission({ principal: "apigateway.amazonaws.com", sourceArn: "arn:aws:execute-api:eu-central-1:1:a/*/*" }),
      ],
      "a service on behalf of one account": [permission({ principal: "s3.amazonaws.com", sourceAccount: "1" })],
      "a service on behalf of one resource that has no ARN yet": [
        resource(aws.lambda.Permission, {
          principal: "apigateway.amazonaws.com",
          get sourceArn(): string {
            throw new Error("A preview does not know this.");
          },
        }),
      ],
      "an account": [permission({ principal: "123456789012" })],
    },
    broken: {
      everyone: { resources: [permission({ principal: "*" })], problem: "Everyone may invoke the function." },
      "a service on behalf of anyone": {
        resources: [permission({ principal: "s3.amazonaws.com" })],
        problem: "s3.amazonaws.com may invoke the function on behalf of any account.",
      },
    },
  },
  supportedRuntime: {
    kept: { "a container image": [lambdaFunction({ packageType: "Image" })] },
    broken: {
      "an archive": {
        resources: [lambdaFunction({ runtime: "python3.13" })],
        problem: "The function is no container image.",
      },
    },
  },
  severalSubnets: {
    kept: {
      "two subnets": [lambdaFunction({ vpcConfig: { subnetIds: ["subnet-a", "subnet-b"] } })],
      "no VPC": [lambdaFunction({})],
    },
    broken: {
      "one subnet, twice": {
        resources: [lambdaFunction({ vpcConfig: { subnetIds: ["subnet-a", "subnet-a"] } })],
        problem: "The function is connected to fewer than two subnets.",
      },
    },
  },
  tracing: {
    kept: { "active tracing": [lambdaFunction({ tracingConfig: { mode: "Active" } })] },
    broken: {
      "traces of callers alone": {
        resources: [lambdaFunction({ tracingConfig: { mode: "PassThrough" } })],
        problem: "Calls of the function are not traced.",
      },
      "tracing as by default": {
        resources: [lambdaFunction({})],
        problem: "Calls of the function are not traced.",
      },
    },
  },
  ownLogGroup: {
    kept: { "a group of the stack": [group, lambdaFunction({}, [key(group)])] },
    broken: {
      "a group that Lambda makes": {
        resources: [group, lambdaFunction({})],
        problem: "The function has no log group of the stack.",
      },
    },
  },
  deadLetters: {
    kept: { "a queue with a dead-letter queue": [deadLetters, queue, mapping({})] },
    broken: {
      "a queue without": {
        resources: [deadLetters, { ...queue, references: {} }, mapping({})],
        problem: 'Messages of "it" that cannot be handled are lost.',
      },
    },
  },
  boundedConcurrency: {
    kept: {
      "a reservation": [lambdaFunction({ reservedConcurrentExecutions: 5 })],
      "a function that is stopped": [lambdaFunction({ reservedConcurrentExecutions: 0 })],
      "a mapping with a maximum": [consumer, alias, queue, mapping({ scalingConfig: { maximumConcurrency: 5 } })],
    },
    broken: {
      "a mapping without a maximum": {
        resources: [consumer, alias, queue, mapping({})],
        problem: "The function may use up the account's concurrency.",
      },
      "no reservation": {
        resources: [lambdaFunction({ reservedConcurrentExecutions: -1 })],
        problem: "The function may use up the account's concurrency.",
      },
    },
  },
});
