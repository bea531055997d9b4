import * as assert from "node:assert/strict";
import { apiImage, args, consumer, imageUri, make, name } from "../tests/support/api-function";
import { record, valueOf } from "../tests/support/pulumi-mocks";
import { ContainerFunction, type ContainerFunctionArgs } from "./containerFunction";
import { EventBus } from "./eventBus";
import type { EventQueue } from "./eventQueue";

describe("ContainerFunction", () => {
  it("has a role that a policy bounds, if there is one", async () => {
    const bounded = await make({ permissionsBoundary: "boundary" });
    const free = await make();

    const boundaryOf = ({ inputs }: typeof free): unknown => inputs("aws:iam/role:Role", "api").permissionsBoundary;
    assert.equal(boundaryOf(bounded), "arn:aws:iam::123456789012:policy/boundary");
    assert.equal(boundaryOf(free), undefined);
  });

  it("composes all that belongs to a function", async () => {
    const { names } = await make();

    assert.deepEqual(
      names.filter((resource) => !/ecr|docker/.test(resource)),
      [
        "aws:cloudwatch/logGroup:LogGroup api",
        "aws:iam/role:Role api",
        "aws:iam/rolePolicy:RolePolicy api",
        "aws:lambda/alias:Alias api",
        "aws:lambda/function:Function api",
      ],
    );
  });

  it("runs the image by digest and publishes a version", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:lambda/function:Function", "api"), {
      name,
      description: "Answers",
      packageType: "Image",
      imageUri,
      architectures: ["x86_64"],
      memorySize: 512,
      timeout: 15,
      role: `arn:aws:iam::123456789012:role/${name}`,
      environment: {
        variables: {
          POWERTOOLS_SERVICE_NAME: "api",
          POWERTOOLS_LOG_LEVEL: "WARNING",
          POWERTOOLS_METRICS_NAMESPACE: "student-helper-test",
          STACK: "test",
        },
      },
      loggingConfig: {
        logFormat: "JSON",
        logGroup: `/aws/lambda/${name}`,
        applicationLogLevel: "WARN",
        systemLogLevel: "INFO",
      },
      vpcConfig: { subnetIds: ["subnet-a"], securityGroupIds: ["sg-functions"] },
      tracingConfig: { mode: "Active" },
      publish: true,
    });
    assert.deepEqual(inputs("aws:lambda/alias:Alias", "api"), {
      name: "live",
      description: "What everything invokes",
      functionName: name,
      functionVersion: "7",
    });
    assert.deepEqual(inputs("aws:cloudwatch/logGroup:LogGroup", "api"), {
      name: `/aws/lambda/${name}`,
      retentionInDays: 30,
    });
  });

  it("has the concurrency that it is given", async () => {
    const { inputs } = await make({ reservedConcurrency: 0 });

    assert.equal(inputs("aws:lambda/function:Function", "api").reservedConcurrentExecutions, 0);
  });

  it("runs another command of its image", async () => {
    const { inputs } = await make({ command: ["api.migrate.handler"] });

    assert.deepEqual(inputs("aws:lambda/function:Function", "api").imageConfig, { commands: ["api.migrate.handler"] });
  });

  it("is made when it may pull, log and do what it must", async () => {
    const { dependencies } = await make();

    const before = dependencies("aws:lambda/function:Function", "api");
    for (const resource of [
      "aws:cloudwatch/logGroup:LogGroup api",
      "aws:ecr/repositoryPolicy:RepositoryPolicy api",
      "aws:iam/rolePolicy:RolePolicy api",
    ]) {
      assert.ok(before.includes(resource), resource);
    }
  });

  it("serves new code after what must have happened before, and publishes it at once", async () => {
    const { dependencies } = await record(() => {
      const servesAfter = [new EventBus("pipeline")];
      return new ContainerFunction("api", { image: apiImage(), ...args, servesAfter });
    });

    const bus = "aws:cloudwatch/eventBus:EventBus pipeline";
    assert.equal(dependencies("aws:lambda/alias:Alias", "api").includes(bus), true);
    assert.equal(dependencies("aws:lambda/function:Function", "api").includes(bus), false);
  });

  it("serves the version that is pinned, whatever was published", async () => {
    const { inputs, result } = await make({ pinnedVersion: "5" });

    assert.equal(inputs("aws:lambda/alias:Alias", "api").functionVersion, "5");
    assert.equal(await valueOf(result.version), "5");
  });

  it("serves a new version after its canary, and tries that after what must have happened before", async () => {
    const { inputs, dependencies } = await record(() => {
      const servesAfter = [new EventBus("pipeline")];
      const canary = {
        function: { functionName: "student-helper-test-canary", aliasName: "live" },
        percent: 10,
        minutes: 5,
        alarmNames: ["student-helper-test-api-errors"],
      };
      return new ContainerFunction("api", { image: apiImage(), ...args, servesAfter, canary });
    });

    assert.deepEqual(JSON.parse(String(inputs("aws:lambda/invocation:Invocation", "api").input)), {
      function_name: name,
      alias: "live",
      version: "7",
      percent: 10,
      minutes: 5,
      alarms: ["student-helper-test-api-errors"],
    });
    const bus = "aws:cloudwatch/eventBus:EventBus pipeline";
    assert.equal(dependencies("aws:lambda/invocation:Invocation", "api").includes(bus), true);
    const before = dependencies("aws:lambda/alias:Alias", "api");
    assert.equal(before.includes("aws:lambda/invocation:Invocation api"), true);
  });

  it("handles messages of its queue one by one through the alias, several at the same time", async () => {
    const { inputs, result } = await consumer();

    assert.deepEqual(inputs("aws:lambda/eventSourceMapping:EventSourceMapping", "api"), {
      eventSourceArn: await valueOf(result.queueArn),
      functionName: `arn:aws:lambda:eu-central-1:123456789012:function:${name}:live`,
      batchSize: 1,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 5 },
    });
    const { environment } = inputs("aws:lambda/function:Function", "api") as {
      environment: { variables: Record<string, string> };
    };
    assert.equal(environment.variables["QUEUE_URL"], await valueOf(result.queueUrl));
    assert.equal(environment.variables["DEAD_LETTER_QUEUE_URL"], await valueOf(result.deadLetterQueueUrl));
    assert.equal(environment.variables["MAX_RECEIVES"], "4");
  });

  it("gives what to invoke", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.functionName), name);
    assert.equal(await valueOf(result.aliasName), "live");
    assert.equal(await valueOf(result.aliasArn), `arn:aws:lambda:eu-central-1:123456789012:function:${name}:live`);
    assert.equal(await valueOf(result.invokeArn), `invoke:${name}:live`);
    assert.equal(await valueOf(result.version), "7");
  });

  const invalid: readonly [property: string, changes: Partial<ContainerFunctionArgs>, allowed: string][] = [
    ["description", { description: "" }, "1 to 256 characters"],
    ["memoryMegabytes", { memoryMegabytes: 50 }, "an integer from 128 to 10240 (megabytes)"],
    ["timeoutSeconds", { timeoutSeconds: 901 }, "an integer from 1 to 900 (seconds)"],
    ["reservedConcurrency", { reservedConcurrency: -1 }, "an integer from 0 to 1000 (executions at a time)"],
    ["command", { command: [] }, "at least one word"],
    ["checkpoints[0]", { checkpoints: ["own" as "use"] }, "one of use, forget, expire"],
    [
      "consumes.maximumConcurrency",
      { consumes: { queue: {} as EventQueue, maximumConcurrency: 1 } },
      "an integer from 2 to 1000 (events at a time)",
    ],
    ["logLevel", { logLevel: "TRACE" as "INFO" }, "one of DEBUG, INFO, WARNING, ERROR"],
    ["logRetentionDays", { logRetentionDays: 31 }, "one of 1, 3, 5, 7, 14, 30, 60, 90, 120,"],
    ["environment.STACK", { environment: { STACK: 1 as unknown as string } }, "text"],
    ['objects["uploads/"]', { objects: { "uploads/": [] } }, "at least one action"],
    ['objects["uploads/"][0]', { objects: { "uploads/": ["own" as "read"] } }, "one of read, write, delete, list"],
  ];
  for (const [property, changes, allowed] of invalid) {
    it(`refuses an invalid ${property}`, async () => {
      await assert.rejects(make(changes), (error: Error) => {
        assert.match(error.message, /^ContainerFunction "api" has 1 problem; it was not created:\n/);
        assert.ok(error.message.includes(`  1. ${property}\n`), error.message);
        assert.ok(error.message.includes(`     allowed:  ${allowed}`), error.message);
        return true;
      });
    });
  }
});
