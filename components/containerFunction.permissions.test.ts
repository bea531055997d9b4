import * as assert from "node:assert/strict";
import { consumer, make, name } from "../tests/support/api-function";
import { permissionsOfAll } from "../tests/support/permissions-of-all";
import { statementsOf } from "../tests/support/pulumi-mocks";

describe("a ContainerFunction's role", () => {
  it("may consume its queue and hand over to its dead-letter queue", async () => {
    const { inputs } = await consumer();

    const { policy } = inputs("aws:iam/rolePolicy:RolePolicy", "api");

    assert.deepEqual(statementsOf(policy), [
      ...permissionsOfAll(name),
      {
        Sid: "ConsumeOwnQueue",
        Effect: "Allow",
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
        Resource: `arn:aws:sqs:eu-central-1:123456789012:${name}`,
      },
      {
        Sid: "UseOwnDeadLetterQueue",
        Effect: "Allow",
        Action: ["sqs:SendMessage"],
        Resource: `arn:aws:sqs:eu-central-1:123456789012:${name}-dead-letter`,
      },
    ]);
  });

  it("is assumed by Lambda alone", async () => {
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
    { title: "nothing but its logs and its network", declared: { parameters: [], objects: {} }, statements: [] },
    {
      title: "exactly the parameters that it declares",
      declared: { objects: {} },
      statements: [
        {
          Sid: "ReadOwnParameters",
          Effect: "Allow",
          Action: ["ssm:GetParameters"],
          Resource: ["arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/test/storage/bucket"],
        },
      ],
    },
    {
      title: "objects below a prefix, listing included",
      declared: { parameters: [] },
      statements: [
        {
          Sid: "UseObjects0",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
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
      declared: { parameters: [], objects: { "uploads/": ["read"], "results/small/": ["list"] } },
      statements: [
        {
          Sid: "UseObjects0",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
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
    {
      title: "checkpoints, for a step",
      declared: { parameters: [], objects: {}, checkpoints: ["use"] },
      statements: [
        {
          Sid: "UseCheckpoints",
          Effect: "Allow",
          Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
          Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/checkpoints",
        },
      ],
    },
    {
      title: "checkpoints, to forget and to expire them",
      declared: { parameters: [], objects: {}, checkpoints: ["forget", "expire"] },
      statements: [
        {
          Sid: "UseCheckpoints",
          Effect: "Allow",
          Action: ["dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:Scan"],
          Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/checkpoints",
        },
      ],
    },
    {
      title: "the traffic of functions that it is to shift, and how they do",
      declared: { parameters: [], objects: {}, shiftsTrafficOf: ["api", "embedder"] },
      statements: [
        {
          Sid: "ShiftTraffic",
          Effect: "Allow",
          Action: ["lambda:GetAlias", "lambda:UpdateAlias"],
          Resource: [
            "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-api",
            "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-embedder",
          ],
        },
        {
          Sid: "DescribeAlarms",
          Effect: "Allow",
          Action: ["cloudwatch:DescribeAlarms"],
          Resource: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:student-helper-test-*",
        },
        { Sid: "ReadMetrics", Effect: "Allow", Action: ["cloudwatch:GetMetricData"], Resource: "*" },
      ],
    },
    {
      title: "the image that it runs, which it asks for",
      declared: { parameters: [], objects: {}, readsOwnImage: true },
      statements: [
        {
          Sid: "ReadOwnImage",
          Effect: "Allow",
          Action: ["lambda:GetFunction"],
          Resource: [
            "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-api",
            "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-api:*",
          ],
        },
      ],
    },
    {
      title: "the bus that it publishes on",
      declared: {
        parameters: [],
        objects: {},
        publishesTo: "arn:aws:events:eu-central-1:123456789012:event-bus/bus",
      },
      statements: [
        {
          Sid: "PublishEvents",
          Effect: "Allow",
          Action: ["events:PutEvents"],
          Resource: "arn:aws:events:eu-central-1:123456789012:event-bus/bus",
        },
      ],
    },
  ] as const;
  for (const { title, declared, statements } of permissions) {
    it(`may use ${title}`, async () => {
      const { inputs } = await make(declared);

      const { role, policy } = inputs("aws:iam/rolePolicy:RolePolicy", "api");

      assert.equal(role, name);
      assert.deepEqual(statementsOf(policy), [...permissionsOfAll(name), ...statements]);
    });
  }
});
