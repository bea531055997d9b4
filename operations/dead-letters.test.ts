import * as assert from "node:assert/strict";
import { mock } from "node:test";
import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { StepError } from "../local/errors";
import { consumers, DeadLetterQueue, itemOf } from "./dead-letters";

const stack = { name: "dev", aws: { region: "eu-central-1" } };
const id = (digit: string): string => `0198c000-0000-7000-8000-00000000000${digit}`;
const body = (digit: string): string => JSON.stringify({ id: digit, detail: { item_id: id(digit) } });

/** A command as it is sent, and what these tests look at of it. */
interface Command {
  readonly constructor: { readonly name: string };
  readonly input: {
    readonly QueueUrl?: string;
    readonly QueueName?: string;
    readonly VisibilityTimeout?: number;
    readonly Entries?: readonly {
      readonly Id: string;
      readonly MessageBody?: string;
      readonly ReceiptHandle?: string;
    }[];
  };
}

/** A queue's messages, in their order. */
class Queue {
  private readonly messages: { readonly id: string; readonly text: string; hidden: boolean }[] = [];
  private count = 0;

  readonly push = (...texts: readonly string[]): void => {
    for (const text of texts) this.messages.push({ id: String(this.count++), text, hidden: false });
  };

  readonly texts = (): string[] => this.messages.map(({ text }) => text);

  /** A message that is received is hidden for as long as a test takes. */
  receive(hides: boolean): Message[] {
    const found = this.messages.filter(({ hidden }) => !hidden).slice(0, 10);
    for (const message of found) message.hidden = hides;
    return found.map(({ id, text }) => ({ MessageId: id, Body: text, ReceiptHandle: id }));
  }

  delete(receipt: string): void {
    this.messages.splice(
      this.messages.findIndex(({ id }) => id === receipt),
      1,
    );
  }
}

/** Queues by name, in the place of SQS. */
class Queues {
  readonly byName: Record<string, Queue> = {
    "student-helper-dev-analyzer": new Queue(),
    "student-helper-dev-analyzer-dead-letter": new Queue(),
  };
  /** What happens to each message that reaches the function. */
  whenSent: (text: string) => void = () => undefined;
  refuses: (text: string) => boolean = () => false;

  readonly send = ({ constructor, input }: Command): Promise<unknown> => {
    const { QueueUrl = "", QueueName = "", VisibilityTimeout, Entries = [] } = input;
    const queue = this.byName[QueueUrl] ?? new Queue();
    switch (constructor.name) {
      case "GetQueueUrlCommand":
        return Promise.resolve({ QueueUrl: QueueName });
      case "GetQueueAttributesCommand":
        return Promise.resolve({ Attributes: { ApproximateNumberOfMessages: String(queue.texts().length) } });
      case "ReceiveMessageCommand":
        return Promise.resolve({ Messages: queue.receive(VisibilityTimeout !== 0) });
      case "SendMessageBatchCommand": {
        const taken = Entries.filter(({ MessageBody = "" }) => !this.refuses(MessageBody));
        for (const { MessageBody = "" } of taken) {
          queue.push(MessageBody);
          this.whenSent(MessageBody);
        }
        return Promise.resolve({ Successful: taken });
      }
      case "DeleteMessageBatchCommand":
        for (const { ReceiptHandle } of Entries) queue.delete(ReceiptHandle!);
        return Promise.resolve({});
      default:
        return assert.fail(constructor.name);
    }
  };
}

describe("a dead-letter queue", () => {
  let queues: Queues;
  let deadLetters: Queue;
  let functionQueue: Queue;

  beforeEach(() => {
    queues = new Queues();
    deadLetters = queues.byName["student-helper-dev-analyzer-dead-letter"]!;
    functionQueue = queues.byName["student-helper-dev-analyzer"]!;
    mock.method(SQSClient.prototype, "send", queues.send);
  });

  afterEach(() => mock.restoreAll());

  it("shows how many messages wait and which items they are about, and keeps them", async () => {
    deadLetters.push(body("1"), body("2"));
    const queue = await DeadLetterQueue.of(stack, "analyzer");

    const waiting = await queue.waiting();

    assert.deepEqual(waiting, { count: 2, items: [id("1"), id("2")] });
    assert.equal(deadLetters.texts().length, 2);
  });

  it("moves all messages back, in batches, and tells how far it is", async () => {
    const all = Array.from({ length: 23 }, (_, index) => JSON.stringify({ id: index }));
    deadLetters.push(...all);
    const queue = await DeadLetterQueue.of(stack, "analyzer");
    const progress: number[] = [];

    const moved = await queue.moveBack((soFar) => progress.push(soFar));

    assert.equal(moved, 23);
    assert.deepEqual(progress, [10, 20, 23]);
    assert.deepEqual(functionQueue.texts(), all);
    assert.deepEqual(deadLetters.texts(), []);
  });

  it("leaves what comes back at once, and so comes to an end", async () => {
    deadLetters.push(body("1"), body("2"));
    queues.whenSent = (text) => {
      if (text === body("1")) deadLetters.push(text);
    };
    const queue = await DeadLetterQueue.of(stack, "analyzer");

    const moved = await queue.moveBack();

    assert.equal(moved, 2);
    assert.deepEqual(deadLetters.texts(), [body("1")]);
  });

  it("moves an event that waits twice twice", async () => {
    deadLetters.push(body("1"), body("1"));
    const queue = await DeadLetterQueue.of(stack, "analyzer");

    const moved = await queue.moveBack();

    assert.equal(moved, 2);
    assert.deepEqual(deadLetters.texts(), []);
  });

  it("keeps what the function's queue does not take", async () => {
    deadLetters.push(body("1"), body("2"));
    queues.refuses = (text) => text === body("1");
    const queue = await DeadLetterQueue.of(stack, "analyzer");

    const moved = await queue.moveBack();

    assert.equal(moved, 1);
    assert.deepEqual(deadLetters.texts(), [body("1")]);
    assert.deepEqual(functionQueue.texts(), [body("2")]);
  });

  it("is one of a function that a queue wakes", async () => {
    const refused = DeadLetterQueue.of(stack, "api");

    await assert.rejects(
      refused,
      new StepError("the function api has no queue; nothing was changed.", `name one of ${consumers.join(", ")}.`),
    );
  });
});

describe("a dead letter", () => {
  const key = `uploads/images/owner/${id("3")}`;

  for (const [what, text, item] of [
    ["an event of the pipeline", body("3"), id("3")],
    ["an event of S3", JSON.stringify({ detail: { object: { key } } }), id("3")],
    ["text of somebody", JSON.stringify({ detail: { item_id: "my diary" } }), "unreadable message 42"],
    ["no JSON", "my diary", "unreadable message 42"],
  ] as const) {
    it(`names its item and nothing else: ${what}`, () => {
      const message: Message = { MessageId: "42", Body: text };

      assert.equal(itemOf(message), item);
    });
  }
});
