import * as assert from "assert/strict";
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { ListTopicsCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { theTarget } from "./support/target";

const alarmName = "student-helper-local-api-errors";

/** Monitoring on the local stack: its emulator has CloudWatch, SNS and SQS, and sends no mail. */
describe("an alarm", () => {
  const cloudWatch = (): CloudWatchClient => new CloudWatchClient(theTarget().aws);
  const sns = (): SNSClient => new SNSClient(theTarget().aws);
  const sqs = (): SQSClient => new SQSClient(theTarget().aws);
  let QueueUrl: string | undefined;
  let SubscriptionArn: string | undefined;

  /** Somebody who hears what the topic of alarms is told. */
  before(async () => {
    // An alarm tells of changes alone, and what other suites did to the api may have set it off.
    const quiet = { AlarmName: alarmName, StateValue: "OK", StateReason: "the test begins" } as const;
    await cloudWatch().send(new SetAlarmStateCommand(quiet));
    ({ QueueUrl } = await sqs().send(new CreateQueueCommand({ QueueName: "who-hears-alarms" })));
    const { Attributes } = await sqs().send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const { Topics = [] } = await sns().send(new ListTopicsCommand({}));
    const topic = Topics.find(({ TopicArn = "" }) => TopicArn.endsWith(":student-helper-local-alarms"))?.TopicArn;
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: Attributes?.QueueArn,
          Condition: { ArnEquals: { "aws:SourceArn": topic } },
        },
      ],
    });
    await sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    ({ SubscriptionArn } = await sns().send(
      new SubscribeCommand({
        TopicArn: topic,
        Protocol: "sqs",
        Endpoint: Attributes?.QueueArn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    ));
  });

  after(async () => {
    await sns().send(new UnsubscribeCommand({ SubscriptionArn }));
    await sqs().send(new DeleteQueueCommand({ QueueUrl }));
  });

  it("is described as the program asks for it", async () => {
    const { MetricAlarms = [] } = await cloudWatch().send(new DescribeAlarmsCommand({ AlarmNames: [alarmName] }));

    const [alarm] = MetricAlarms;
    assert.deepEqual(
      [alarm?.Namespace, alarm?.MetricName, alarm?.Statistic, alarm?.Threshold, alarm?.TreatMissingData],
      ["AWS/Lambda", "Errors", "Sum", 0, "notBreaching"],
    );
    assert.deepEqual(alarm?.Dimensions, [{ Name: "FunctionName", Value: theTarget().functions.api!.name }]);
  });

  for (const state of ["ALARM", "OK"] as const) {
    it(`says that it is ${state}, what that means, and which section of the runbook helps`, async () => {
      const change = { AlarmName: alarmName, StateValue: state, StateReason: "a test" };

      await cloudWatch().send(new SetAlarmStateCommand(change));

      const { Messages = [] } = await sqs().send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
      assert.equal(Messages.length, 1);
      const told = JSON.parse(Messages[0]?.Body ?? "") as Record<string, string>;
      assert.deepEqual([told.AlarmName, told.NewStateValue], [alarmName, state]);
      assert.match(told.AlarmDescription ?? "", /students.*Runbook: docs\/runbook\.md#function-errors$/);
    });
  }
});
