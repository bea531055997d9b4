import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { ContainerFunction, type ContainerFunctionArgs } from "./containerFunction";

const args: ContainerFunctionArgs = {
  description: "Answers",
  context: "/checkout/images",
  imageBuild: { baseImages: {}, secrets: {} },
  memoryMegabytes: 512,
  timeoutSeconds: 15,
  environment: { STACK: "test" },
  parameterArns: ["arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/test/storage/bucket"],
  bucketArn: "arn:aws:s3:::bucket",
  objects: { "uploads/": ["read", "write", "delete", "list"] },
  logLevel: "WARNING",
  logRetentionDays: 30,
  protectData: true,
};
const name = "student-helper-test-api";
const digest = `sha256:${"d".repeat(64)}`;
const imageUri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${name}@${digest}`;

const writeLogs = {
  Sid: "WriteOwnLogs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/${name}:*`,
};

const make = (changes: Partial<ContainerFunctionArgs> = {}): Promise<Recording<ContainerFunction>> =>
  record(() => new ContainerFunction("api", { ...args, ...changes }));

describe("ContainerFunction", () => {
  it("composes all that belongs to a function", async () => {
    const { names } = await make();

    assert.deepEqual(names, [
      "aws:cloudwatch/logGroup:LogGroup api",
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api",
      "aws:ecr/lifecyclePolicy:LifecyclePolicy api-cache",
      "aws:ecr/repository:Repository api",
      "aws:ecr/repository:Repository api-cache",
      "aws:ecr/repositoryPolicy:RepositoryPolicy api",
      "aws:iam/role:Role api",
      "aws:iam/rolePolicy:RolePolicy api",
      "aws:lambda/alias:Alias api",
      "aws:lambda/function:Function api",
      "docker-build:index:Image api",
    ]);
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
          IMAGE_DIGEST: digest,
          STACK: "test",
        },
      },
      loggingConfig: {
        logFormat: "JSON",
        logGroup: `/aws/lambda/${name}`,
        applicationLogLevel: "WARN",
        systemLogLevel: "INFO",
      },
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

  it("has the architecture and the concurrency that it is given", async () => {
    const { inputs } = await make({ architecture: "arm64", reservedConcurrency: 0 });

    const lambda = inputs("aws:lambda/function:Function", "api");
    assert.deepEqual(lambda.architectures, ["arm64"]);
    assert.equal(lambda.reservedConcurrentExecutions, 0);
    assert.deepEqual(inputs("docker-build:index:Image", "api").platforms, ["linux/arm64"]);
  });

  it("has a role that only Lambda assumes", async () => {
    const { inputs } = await make();

    const role = inputs("aws:iam/role:Role", "api");

    assert.equal(role.name, name);
    assert.deepEqual(statementsOf(role.assumeRolePolicy), [
      {
        Sid: "LambdaAssumes",
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    ]);
  });

  const permissions = [
    { title: "nothing but its logs", declared: { parameterArns: [], objects: {} }, statements: [] },
    {
      title: "exactly the parameters that it declares",
      declared: { objects: {} },
      statements: [
        {
          Sid: "ReadOwnParameters",
          Effect: "Allow",
          Action: ["ssm:GetParameter", "ssm:GetParameters"],
          Resource: ["arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/test/storage/bucket"],
        },
      ],
    },
    {
      title: "objects below a prefix, listing included",
      declared: { parameterArns: [] },
      statements: [
        {
          Sid: "UseObjects0",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
          Resource: "arn:aws:s3:::bucket/uploads/*",
        },
        {
          Sid: "ListObjects0",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: "arn:aws:s3:::bucket",
          Condition: { StringLike: { "s3:prefix": ["uploads/*"] } },
        },
      ],
    },
    {
      title: "another thing below each prefix",
      declared: { parameterArns: [], objects: { "uploads/": ["read"], "results/small/": ["list"] } },
      statements: [
        {
          Sid: "UseObjects0",
          Effect: "Allow",
          Action: ["s3:GetObject"],
          Resource: "arn:aws:s3:::bucket/uploads/*",
        },
        {
          Sid: "ListObjects1",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: "arn:aws:s3:::bucket",
          Condition: { StringLike: { "s3:prefix": ["results/small/*"] } },
        },
      ],
    },
  ] as const;
  for (const { title, declared, statements } of permissions) {
    it(`may use ${title}`, async () => {
      const { inputs } = await make(declared);

      const { role, policy } = inputs("aws:iam/rolePolicy:RolePolicy", "api");

      assert.equal(role, name);
      assert.deepEqual(statementsOf(policy), [writeLogs, ...statements]);
    });
  }

  it("gives what to invoke", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.functionName), name);
    assert.equal(await valueOf(result.aliasName), "live");
    assert.equal(await valueOf(result.aliasArn), `arn:aws:lambda:eu-central-1:123456789012:function:${name}:live`);
    assert.equal(await valueOf(result.invokeArn), `invoke:${name}:live`);
    assert.equal(await valueOf(result.version), "7");
    assert.equal(await valueOf(result.imageUri), imageUri);
  });

  const invalid: readonly [property: string, changes: Partial<ContainerFunctionArgs>, allowed: string][] = [
    ["description", { description: "" }, "1 to 256 characters"],
    ["memoryMegabytes", { memoryMegabytes: 50 }, "an integer from 128 to 10240 (megabytes)"],
    ["timeoutSeconds", { timeoutSeconds: 901 }, "an integer from 1 to 900 (seconds)"],
    ["reservedConcurrency", { reservedConcurrency: -1 }, "an integer from 0 to 1000 (executions at a time)"],
    ["architecture", { architecture: "x86" as "arm64" }, "one of x86_64, arm64"],
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
