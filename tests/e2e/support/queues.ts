import { setTimeout as delay } from "timers/promises";
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DeadLetterQueue, itemOf } from "../../../operations/dead-letters";
import { type ConsumerName, consumers } from "./consumers";
import { theTarget } from "./target";

const sqs = (): SQSClient => new SQSClient(theTarget().aws);

/** The address of a queue of the local stack. */
export async function queueUrl(name: string): Promise<string> {
  const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName: `student-helper-local-${name}` }));
  return QueueUrl!;
}

/** How many messages a queue holds: those that wait, those that a function has, and those that are still to come. */
async function messagesOf(name: string): Promise<number> {
  const { Attributes = {} } = await sqs().send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(name),
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** Puts an event into a function's queue as EventBridge would, so many seconds from now. */
export async function deliver(consumer: ConsumerName, event: string, seconds = 0): Promise<void> {
  const message = { QueueUrl: await queueUrl(consumer), MessageBody: event, DelaySeconds: seconds };
  await sqs().send(new SendMessageCommand(message));
}

/** Lets messages of all functions that end without a word come back after so many seconds, until that is restored. */
export async function setVisibility(seconds: number): Promise<{ restore: () => Promise<void> }> {
  const name = "VisibilityTimeout";
  const own = await Promise.all(
    consumers.map(async (consumer) => {
      const QueueUrl = await queueUrl(consumer);
      const { Attributes } = await sqs().send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
      return { QueueUrl, Attributes: { [name]: Attributes![name]! } };
    }),
  );
  const set = async (queue: (typeof own)[number]): Promise<unknown> => sqs().send(new SetQueueAttributesCommand(queue));
  await Promise.all(own.map(({ QueueUrl }) => set({ QueueUrl, Attributes: { [name]: String(seconds) } })));
  return { restore: async () => void (await Promise.all(own.map(set))) };
}

/** The number of messages in each dead-letter queue that has some. */
export async function deadLetters(): Promise<Record<string, number>> {
  const counts = await Promise.all(
    consumers.map(async (name) => [name, await messagesOf(`${name}-dead-letter`)] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** The items that the messages in a dead-letter queue are about. */
export async function deadLetterItems(consumer: ConsumerName): Promise<readonly string[]> {
  const QueueUrl = await queueUrl(`${consumer}-dead-letter`);
  const found: Message[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
    const { Messages = [] } = await sqs().send(receive);
    if (Messages.length === 0) break;
    found.push(...Messages);
  }
  for (const { ReceiptHandle } of found) {
    await sqs().send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }
  return found.map(itemOf);
}

/** Sends everything that waits in a dead-letter queue back to its function. */
export async function redrive(consumer: ConsumerName): Promise<void> {
  await (await DeadLetterQueue.of({ name: "local", aws: theTarget().aws }, consumer)).moveBack();
}

/** The number of messages in each queue that has some. */
export async function queued(): Promise<Record<string, number>> {
  const counts = await Promise.all(consumers.map(async (name) => [name, await messagesOf(name)] as const));
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Waits until no queue holds a message, so that what a duplicate could have done is done. */
export async function untilQueuesAreEmpty(seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const busy = await queued();
    if (Object.keys(busy).length === 0) return;
    if (Date.now() > deadline) throw new Error(`after ${seconds} s the queues hold ${JSON.stringify(busy)}`);
    await delay(500);
  }
}
