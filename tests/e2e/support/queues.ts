import { setTimeout as delay } from "timers/promises";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DeadLetterQueue } from "../../../operations/dead-letters";
import { theTarget } from "./target";

/** The functions that a queue wakes, in the order of the work. */
export const consumers = ["image-processor", "document-processor", "analyzer", "embedder"] as const;

export type ConsumerName = (typeof consumers)[number];

const sqs = (): SQSClient => new SQSClient(theTarget().aws);

/** The address of a queue of the local stack. */
export async function queueUrl(name: string): Promise<string> {
  const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName: `student-helper-local-${name}` }));
  return QueueUrl!;
}

/** How many messages a queue holds: those that wait, and those that a function has. */
async function messagesOf(name: string): Promise<number> {
  const { Attributes = {} } = await sqs().send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(name),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** Puts an event into a function's queue as EventBridge would. */
export async function deliver(consumer: ConsumerName, event: unknown): Promise<void> {
  await sqs().send(new SendMessageCommand({ QueueUrl: await queueUrl(consumer), MessageBody: JSON.stringify(event) }));
}

/** The number of messages in each dead-letter queue that has some. */
export async function deadLetters(): Promise<Record<string, number>> {
  const counts = await Promise.all(
    consumers.map(async (name) => [name, await messagesOf(`${name}-dead-letter`)] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Sends everything that waits in a dead-letter queue back to its function. */
export async function redrive(consumer: ConsumerName): Promise<void> {
  await (await DeadLetterQueue.of({ name: "local", aws: theTarget().aws }, consumer)).moveBack();
}

/** Waits until no queue holds a message, so that what a duplicate could have done is done. */
export async function untilQueuesAreEmpty(seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const counts = await Promise.all(consumers.map(async (name) => [name, await messagesOf(name)] as const));
    const busy = counts.filter(([, count]) => count > 0);
    if (busy.length === 0) return;
    if (Date.now() > deadline) throw new Error(`after ${seconds} s the queues hold ${JSON.stringify(busy)}`);
    await delay(500);
  }
}
