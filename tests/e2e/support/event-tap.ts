import { randomUUID } from "crypto";
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type FunctionDefinition, functions } from "../../../functions";
import { itemOf } from "../../../operations/dead-letters";
import { type ConsumerName, consumers } from "./consumers";
import { theTarget } from "./target";

/** An event that is on its way to a function. */
export interface TappedEvent {
  readonly consumer: ConsumerName;
  readonly itemId: string;
  /** As it is delivered. */
  readonly body: string;
}

/** Listens to all events of uploads, S3's and the pipeline's own, beside the functions that consume them. */
export class EventTap {
  private constructor(
    private readonly sqs: SQSClient,
    private readonly events: EventBridgeClient,
    private readonly queueUrl: string,
    private readonly rules: readonly { readonly Name: string; readonly EventBusName: string }[],
  ) {}

  static async open(): Promise<EventTap> {
    const { aws, uploadBucket } = theTarget();
    const sqs = new SQSClient(aws);
    const events = new EventBridgeClient(aws);
    const name = `tap-${randomUUID()}`;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const uploads = {
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: [uploadBucket] }, object: { key: [{ prefix: "uploads/" }] } },
    };
    const sources = [
      { EventBusName: "default", pattern: uploads },
      { EventBusName: "student-helper-local-pipeline", pattern: { source: ["student-helper"] } },
    ];
    for (const { EventBusName, pattern } of sources) {
      await events.send(new PutRuleCommand({ Name: name, EventBusName, EventPattern: JSON.stringify(pattern) }));
      const Targets = [{ Id: "tap", Arn: Attributes!.QueueArn }];
      await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets }));
    }
    const rules = sources.map(({ EventBusName }) => ({ Name: name, EventBusName }));
    return new EventTap(sqs, events, QueueUrl!, rules);
  }

  /** The next events, in the order in which they came; none after a second without one. */
  async next(): Promise<readonly TappedEvent[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
    return Messages.map((message) => ({
      consumer: consumerOf(message),
      itemId: itemOf(message),
      body: message.Body!,
    }));
  }

  async close(): Promise<void> {
    for (const { Name, EventBusName } of this.rules) {
      await this.events.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: ["tap"] }));
      await this.events.send(new DeleteRuleCommand({ Name, EventBusName }));
    }
    await this.sqs.send(new DeleteQueueCommand({ QueueUrl: this.queueUrl }));
  }
}

/** The function that an event is for, by the registry. */
function consumerOf({ Body = "" }: Message): ConsumerName {
  const event = JSON.parse(Body) as { "detail-type": string; detail: { object?: { key: string } } };
  const found = consumers.find((name) => {
    const { consumes } = functions[name] as FunctionDefinition;
    if (consumes === undefined) return false;
    if ("uploads" in consumes) return event.detail.object?.key.startsWith(consumes.uploads) ?? false;
    return consumes.events.some((type) => type === event["detail-type"]);
  });
  if (found === undefined) throw new Error(`nobody consumes ${event["detail-type"]}`);
  return found;
}
