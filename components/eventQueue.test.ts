import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { EventQueue, type EventQueueArgs } from "./eventQueue";

const args: EventQueueArgs = {
  source: { busName: "pipeline", pattern: { source: ["student-helper"], "detail-type": ["ItemAnalyzed"] } },
  consumerTimeoutSeconds: 120,
  tlsOnly: true,
};
const name = "student-helper-test-embedder";
const queueArn = `arn:aws:sqs:eu-central-1:123456789012:${name}`;
const queueUrl = `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`;
const ruleArn = `arn:aws:events:eu-central-1:123456789012:rule/pipeline/${name}`;

const make = (changes: Partial<EventQueueArgs> = {}): Promise<Recording<EventQueue>> =>
  record(() => new EventQueue("embedder", { ...args, ...changes }));

describe("EventQueue", () => {
  it("composes queue, dead-letter queue and rule", async () => {
    const { names } = await make();

    assert.deepEqual(names, [
      "aws:cloudwatch/eventRule:EventRule embedder",
      "aws:cloudwatch/eventTarget:EventTarget embedder",
      "aws:sqs/queue:Queue embedder",
      "aws:sqs/queue:Queue embedder-dead-letter",
      "aws:sqs/queuePolicy:QueuePolicy embedder",
      "aws:sqs/queuePolicy:QueuePolicy embedder-dead-letter",
      "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy embedder",
    ]);
  });

  it("is encrypted, hides a message for six times the function's timeout, and gives up after four attempts", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:sqs/queue:Queue", "embedder"), {
      name,
      visibilityTimeoutSeconds: 720,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: `${queueArn}-dead-letter`, maxReceiveCount: 4 }),
      sqsManagedSseEnabled: true,
    });
    assert.equal(EventQueue.maxReceives, 4);
  });

  it("keeps dead letters of this queue alone for 14 days, encrypted", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:sqs/queue:Queue", "embedder-dead-letter"), {
      name: `${name}-dead-letter`,
      messageRetentionSeconds: 1209600,
      sqsManagedSseEnabled: true,
    });
    assert.deepEqual(inputs("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "embedder"), {
      queueUrl: `${queueUrl}-dead-letter`,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [queueArn] }),
    });
  });

  it("gets its events from its bus, and what cannot be delivered waits with the dead letters", async () => {
    const { inputs, dependencies } = await make();

    assert.deepEqual(inputs("aws:cloudwatch/eventRule:EventRule", "embedder"), {
      name,
      description: `What ${name} consumes`,
      eventBusName: "pipeline",
      eventPattern: '{"source":["student-helper"],"detail-type":["ItemAnalyzed"]}',
    });
    assert.deepEqual(inputs("aws:cloudwatch/eventTarget:EventTarget", "embedder"), {
      eventBusName: "pipeline",
      rule: name,
      targetId: "queue",
      arn: queueArn,
      deadLetterConfig: { arn: `${queueArn}-dead-letter` },
      retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 3600 },
    });
    for (const policy of ["embedder", "embedder-dead-letter"]) {
      assert.ok(
        dependencies("aws:cloudwatch/eventTarget:EventTarget", "embedder").includes(
          `aws:sqs/queuePolicy:QueuePolicy ${policy}`,
        ),
      );
    }
  });

  const queues = [
    { queue: "embedder", url: queueUrl, arn: queueArn },
    { queue: "embedder-dead-letter", url: `${queueUrl}-dead-letter`, arn: `${queueArn}-dead-letter` },
  ];
  for (const { queue, url, arn } of queues) {
    const ruleSends = {
      Sid: "RuleSends",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arn,
      Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
    };

    it(`lets its rule alone send to ${queue}, and refuses requests without TLS`, async () => {
      const { inputs } = await make();

      const policy = inputs("aws:sqs/queuePolicy:QueuePolicy", queue);

      assert.equal(policy.queueUrl, url);
      assert.deepEqual(statementsOf(policy.policy), [
        ruleSends,
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: [arn],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    });

    it(`takes requests to ${queue} without TLS where AWS is an emulator`, async () => {
      const { inputs } = await make({ tlsOnly: false });

      const { policy } = inputs("aws:sqs/queuePolicy:QueuePolicy", queue);

      assert.deepEqual(statementsOf(policy), [ruleSends]);
    });
  }

  it("gives both queues", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.queueName), name);
    assert.equal(await valueOf(result.deadLetterQueueName), `${name}-dead-letter`);
    assert.equal(await valueOf(result.queueUrl), queueUrl);
    assert.equal(await valueOf(result.queueArn), queueArn);
    assert.equal(await valueOf(result.deadLetterQueueUrl), `${queueUrl}-dead-letter`);
    assert.equal(await valueOf(result.deadLetterQueueArn), `${queueArn}-dead-letter`);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(
      record(() => new EventQueue("Embedder", { ...args, consumerTimeoutSeconds: 0 })),
      {
        message: [
          'EventQueue "Embedder" has 2 problems; it was not created:',
          "  1. name",
          '     received: "Embedder"',
          "     allowed:  a lower-case letter, then up to 23 of a-z, 0-9 and single hyphens, none at the end",
          '     fix:      correct name where EventQueue "Embedder" is made',
          "  2. consumerTimeoutSeconds",
          "     received: 0",
          "     allowed:  an integer from 1 to 900 (seconds)",
          '     fix:      correct consumerTimeoutSeconds where EventQueue "Embedder" is made',
        ].join("\n"),
      },
    );
  });
});
