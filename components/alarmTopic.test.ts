import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { AlarmTopic, type AlarmTopicArgs } from "./alarmTopic";

const arn = "arn:aws:sns:eu-central-1:123456789012:student-helper-test-alarms";

const make = (changes: Partial<AlarmTopicArgs> = {}): Promise<Recording<AlarmTopic>> =>
  record(() => new AlarmTopic("alarms", { emails: ["a@example.org", "b@example.org"], tlsOnly: true, ...changes }));

describe("AlarmTopic", () => {
  it("composes topic, policy, and a subscription for each address", async () => {
    const { names, inputs } = await make();

    assert.deepEqual(names, [
      "aws:sns/topic:Topic alarms",
      "aws:sns/topicPolicy:TopicPolicy alarms",
      "aws:sns/topicSubscription:TopicSubscription alarms-a@example.org",
      "aws:sns/topicSubscription:TopicSubscription alarms-b@example.org",
    ]);
    assert.deepEqual(inputs("aws:sns/topicSubscription:TopicSubscription", "alarms-a@example.org"), {
      topic: arn,
      protocol: "email",
      endpoint: "a@example.org",
    });
  });

  it("has no key of SNS, with which alarms could not publish", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:sns/topic:Topic", "alarms"), { name: "student-helper-test-alarms" });
  });

  const alarmsPublish = {
    Sid: "AlarmsPublish",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: arn,
    Condition: {
      ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:student-helper-test-*" },
    },
  };

  it("lets this stack's alarms alone publish, and refuses requests without TLS", async () => {
    const { inputs } = await make();

    const policy = inputs("aws:sns/topicPolicy:TopicPolicy", "alarms");

    assert.equal(policy.arn, arn);
    assert.deepEqual(statementsOf(policy.policy), [
      alarmsPublish,
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: [arn],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("takes requests without TLS where AWS is an emulator", async () => {
    const { inputs } = await make({ tlsOnly: false });

    const { policy } = inputs("aws:sns/topicPolicy:TopicPolicy", "alarms");

    assert.deepEqual(statementsOf(policy), [alarmsPublish]);
  });

  it("gives its ARN", async () => {
    const { result } = await make({ emails: [] });

    assert.equal(await valueOf(result.arn), arn);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(
      make({ emails: ["a@example.org", "a@example.org"] }),
      /1\. emails\[1\]\n[^]*each address once\n/,
    );
    await assert.rejects(make({ emails: ["a@example.org", "operations"] }), {
      message: [
        'AlarmTopic "alarms" has 1 problem; it was not created:',
        "  1. emails[1]",
        '     received: "operations"',
        "     allowed:  an e-mail address such as operations@example.org",
        '     fix:      correct emails[1] where AlarmTopic "alarms" is made',
      ].join("\n"),
    });
  });
});
