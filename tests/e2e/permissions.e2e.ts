import * as assert from "assert/strict";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type FunctionDefinition, functions } from "../../functions";
import type { ObjectAction } from "../../components/internal/statements";
import { checkpointTable } from "./support/checkpoints";
import { roleCredentials } from "./support/function-role";
import { consumers } from "./support/consumers";
import { allowed, isAllowed } from "./support/iam";
import { queueUrl } from "./support/queues";
import { theTarget } from "./support/target";

/** The AWS clients that the tests use, with somebody's credentials. */
interface Clients {
  readonly ssm: SSMClient;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
}

function clientsOf(credentials: object): Clients {
  const settings = { ...theTarget().aws, ...credentials };
  return {
    ssm: new SSMClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
    sqs: new SQSClient(settings),
  };
}

/** What belongs to somebody else: another stack's parameter, bucket, table and queue. */
const neighbour = {
  parameter: "/student-helper/neighbour/database/password",
  bucket: "student-helper-neighbour-uploads",
  table: "student-helper-neighbour-checkpoints",
  queue: "student-helper-neighbour-analyzer",
};
const prefix = "/student-helper/local/";
const prefixes = ["uploads/images/", "uploads/documents/", "results/", "private/"];
const ownBus = "student-helper-local-pipeline";

describe("the role of", () => {
  let administrator: Clients;
  let neighboursQueue: string;

  before(async () => {
    administrator = clientsOf({});
    const { ssm, s3, dynamodb, sqs } = administrator;
    await ssm.send(new PutParameterCommand({ Name: neighbour.parameter, Value: "secret", Type: "SecureString" }));
    await s3.send(new CreateBucketCommand({ Bucket: neighbour.bucket }));
    await s3.send(new PutObjectCommand({ Bucket: neighbour.bucket, Key: "uploads/images/a", Body: "secret" }));
    neighboursQueue = (await sqs.send(new CreateQueueCommand({ QueueName: neighbour.queue }))).QueueUrl!;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: neighbour.table,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    // A container with the role's credentials runs, whatever the function makes of such an event.
    const lambda = new LambdaClient(theTarget().aws);
    await Promise.all(
      Object.values(theTarget().functions).map(({ name }) =>
        lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: "live", Payload: '{"Records":[]}' })),
      ),
    );
  });

  after(async () => {
    const { ssm, s3, dynamodb, sqs } = administrator;
    await ssm.send(new DeleteParameterCommand({ Name: neighbour.parameter }));
    await s3.send(new DeleteObjectCommand({ Bucket: neighbour.bucket, Key: "uploads/images/a" }));
    await s3.send(new DeleteBucketCommand({ Bucket: neighbour.bucket }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl: neighboursQueue }));
    await dynamodb.send(new DeleteTableCommand({ TableName: neighbour.table }));
  });

  for (const [name, entry] of Object.entries(functions)) {
    const definition: FunctionDefinition = entry;

    describe(name, () => {
      let role: Clients;

      before(async () => {
        role = clientsOf({ credentials: await roleCredentials(name) });
      });

      it("reads the parameters that its entry names, and no other", async () => {
        const { Parameters = [] } = await administrator.ssm.send(new DescribeParametersCommand({ MaxResults: 50 }));
        const names = Parameters.map(({ Name }) => Name!);
        const read = (...Names: string[]): Promise<unknown> =>
          role.ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));

        const readable = await allowed(Object.fromEntries(names.map((name) => [name, () => read(name)])));

        assert.ok(names.includes(neighbour.parameter) && names.length > 15, names.join(", "));
        const own = definition.parameters.map((parameter) => `${prefix}${parameter}`);
        assert.deepEqual(readable.sort(), [...own].sort());
        // At once, as functions read them; one that is not allowed among them is enough for a refusal.
        if (own.length > 0) assert.equal(await isAllowed(read(...own)), true);
        assert.equal(await isAllowed(read(...own.slice(0, 1), neighbour.parameter)), false);
      });

      it("does with the bucket's objects what its entry says, and nothing else", async () => {
        const Bucket = theTarget().uploadBucket;
        const requests = (
          place: { Bucket: string; Key: string },
          below: string,
        ): Record<ObjectAction, () => Promise<unknown>> => ({
          read: () => role.s3.send(new GetObjectCommand(place)),
          write: () => role.s3.send(new PutObjectCommand({ ...place, Body: "text" })),
          delete: () => role.s3.send(new DeleteObjectCommand(place)),
          list: () => role.s3.send(new ListObjectsV2Command({ Bucket: place.Bucket, Prefix: below })),
        });

        for (const below of prefixes) {
          const declared = Object.entries(definition.objects).flatMap(([own, actions]) =>
            below.startsWith(own) ? actions : [],
          );
          // The key of an item that does not exist: what a test writes there is nobody's work.
          const found = await allowed(
            requests({ Bucket, Key: `${below}test/00000000-0000-7000-8000-000000000000` }, below),
          );
          assert.deepEqual(found.sort(), [...declared].sort(), below);
        }
        assert.deepEqual(
          await allowed(requests({ Bucket: neighbour.bucket, Key: "uploads/images/a" }, "uploads/images/")),
          [],
        );
        assert.equal(await isAllowed(role.s3.send(new ListObjectsV2Command({ Bucket }))), false);
      });

      it("reads checkpoints if it uses them, and no other table", async () => {
        const Key = { item_id: { S: "none" }, step: { S: "none" } };

        const tables = await allowed({
          own: () => role.dynamodb.send(new GetItemCommand({ TableName: checkpointTable, Key })),
          neighbours: () =>
            role.dynamodb.send(new GetItemCommand({ TableName: neighbour.table, Key: { id: { S: "1" } } })),
        });

        assert.deepEqual(tables, definition.checkpoints.includes("use") ? ["own"] : []);
      });

      it("publishes on the pipeline's bus if it has something to say, and on no other", async () => {
        const put = (EventBusName: string): Promise<unknown> =>
          role.events.send(
            new PutEventsCommand({ Entries: [{ EventBusName, Source: "test", DetailType: "Test", Detail: "{}" }] }),
          );

        const buses = await allowed({ own: () => put(ownBus), default: () => put("default") });

        assert.deepEqual(buses, definition.publishes ? ["own"] : []);
      });

      it("receives from its own queue alone", async () => {
        const receive = async (QueueUrl: string): Promise<unknown> =>
          role.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0, VisibilityTimeout: 0 }));

        const queues = await allowed({
          ...Object.fromEntries(consumers.map((consumer) => [consumer, async () => receive(await queueUrl(consumer))])),
          neighbours: () => receive(neighboursQueue),
        });

        assert.deepEqual(queues, definition.consumes ? [name] : []);
      });
    });
  }
});
