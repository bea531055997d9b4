/** What waits in the dead-letter queue of a function, and the way back to the function. */
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type FunctionDefinition, type FunctionName, functions } from "../functions";
import { StepError } from "../local/errors";
import { type DeployedStack, nameInAws } from "./deployed-stack";

/** The functions that a queue wakes, in the order of the work. */
export const consumers = (Object.keys(functions) as FunctionName[]).filter(
  (name) => (functions[name] as FunctionDefinition).consumes !== undefined,
);

/** The most messages that SQS hands out, or takes, at once. */
const batchSize = 10;

/** How long a message that is being moved is hidden from others; it comes back when this command ends meanwhile. */
const moveSeconds = 5 * 60;

/** What waits in a dead-letter queue. */
export interface Waiting {
  /** How many messages; SQS' own estimate. */
  readonly count: number;
  /** The items that the first of them are about; of a message that cannot be read, its id in SQS. */
  readonly items: readonly string[];
}

/** A function's dead-letter queue, from outside of the function. */
export class DeadLetterQueue {
  private constructor(
    private readonly sqs: SQSClient,
    private readonly url: string,
    private readonly functionUrl: string,
  ) {}

  /**
   * @param stack where it is.
   * @param consumer the function.
   * @throws StepError when the function has no queue, or the stack is not deployed in the account of the login.
   */
  static async of(stack: Pick<DeployedStack, "name" | "aws">, consumer: FunctionName): Promise<DeadLetterQueue> {
    if (!consumers.includes(consumer)) {
      throw new StepError(
        `the function ${consumer} has no queue; nothing was changed.`,
        `name one of ${consumers.join(", ")}.`,
      );
    }
    const sqs = new SQSClient(stack.aws);
    const url = async (name: string): Promise<string> => {
      const QueueName = nameInAws(stack, name);
      try {
        return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!;
      } catch (error) {
        if (!(error instanceof QueueDoesNotExist)) throw error;
        throw new StepError(
          `the account that you are signed in to has no queue ${QueueName}; nothing was changed.`,
          `sign in to the account of stack ${stack.name}, or deploy it.`,
        );
      }
    };
    return new DeadLetterQueue(sqs, await url(`${consumer}-dead-letter`), await url(consumer));
  }

  /** How many messages it holds, those included that somebody has received and not deleted. */
  async count(): Promise<number> {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.url,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }

  /** Looks at the queue; nothing is taken from it. */
  async waiting(): Promise<Waiting> {
    const messages = await this.receive(0);
    return { count: Math.max(await this.count(), messages.length), items: messages.map(itemOf) };
  }

  /**
   * Moves the messages back into the function's queue: each is sent first and deleted then, so that one that is cut off
   * in between comes twice, which consumers do not mind. A message that fails again meanwhile stays.
   *
   * SQS' own StartMessageMoveTask takes no message that the function handed over itself.
   *
   * @param onProgress is told how many have been moved so far.
   * @returns how many were moved.
   */
  async moveBack(onProgress: (moved: number) => void = () => undefined): Promise<number> {
    const messages = await this.takeAll();
    let moved = 0;
    for (let first = 0; first < messages.length; first += batchSize) {
      const sent = await this.send(messages.slice(first, first + batchSize));
      if (sent.length === 0) continue;
      await this.delete(sent);
      moved += sent.length;
      onProgress(moved);
    }
    return moved;
  }

  /** All that waits now: an event that was delivered twice may wait twice, too, and what is moved may come back. */
  private async takeAll(): Promise<Message[]> {
    const taken = new Map<string, Message>();
    for (;;) {
      const next = await this.receive(moveSeconds);
      const isNew = next.some(({ MessageId }) => !taken.has(MessageId!));
      for (const message of next) taken.set(message.MessageId!, message);
      if (!isNew) return [...taken.values()];
    }
  }

  private async receive(hiddenSeconds: number): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: batchSize,
        VisibilityTimeout: hiddenSeconds,
        // Without it, only some of SQS' servers are asked.
        WaitTimeSeconds: 1,
      }),
    );
    return Messages;
  }

  /** Returns those that were taken. */
  private async send(messages: readonly Message[]): Promise<Message[]> {
    const Entries = messages.map(({ Body }, index) => ({ Id: String(index), MessageBody: Body }));
    const { Successful = [] } = await this.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: this.functionUrl, Entries }),
    );
    return Successful.map(({ Id }) => messages[Number(Id)]!);
  }

  private async delete(messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries }));
  }
}

/** The item that a message is about, without anything that a student wrote: student_helper.events says where it is. */
export function itemOf({ Body = "", MessageId = "" }: Message): string {
  try {
    const { detail } = JSON.parse(Body) as { detail?: { item_id?: unknown; object?: { key?: unknown } } };
    const item = detail?.item_id ?? String(detail?.object?.key).split("/").at(-1);
    if (typeof item === "string" && /^[0-9a-f-]{36}$/.test(item)) return item;
  } catch {
    // Not even JSON.
  }
  return `unreadable message ${MessageId}`;
}
