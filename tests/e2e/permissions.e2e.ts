import * as assert from "assert/strict";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { call } from "./support/api";
import { roleCredentials } from "./support/function-role";
import { theTarget } from "./support/target";

/** What belongs to somebody else: another stack's parameter, bucket and table. */
const neighbour = {
  parameter: "/student-helper/neighbour/database/password",
  bucket: "student-helper-neighbour-uploads",
  table: "student-helper-neighbour-checkpoints",
};

describe("the api function's role", () => {
  let ssm: SSMClient;
  let s3: S3Client;
  let dynamodb: DynamoDBClient;
  let administrator: { ssm: SSMClient; s3: S3Client; dynamodb: DynamoDBClient };
  let ownBucket: string;

  before(async () => {
    const { aws, uploadBucket } = theTarget();
    ownBucket = uploadBucket;
    administrator = {
      ssm: new SSMClient(aws),
      s3: new S3Client({ ...aws, forcePathStyle: true }),
      dynamodb: new DynamoDBClient(aws),
    };
    await administrator.ssm.send(
      new PutParameterCommand({ Name: neighbour.parameter, Value: "secret", Type: "SecureString" }),
    );
    await administrator.s3.send(new CreateBucketCommand({ Bucket: neighbour.bucket }));
    await administrator.s3.send(new PutObjectCommand({ Bucket: neighbour.bucket, Key: "uploads/a/b", Body: "secret" }));
    await administrator.s3.send(new PutObjectCommand({ Bucket: ownBucket, Key: "private/a", Body: "secret" }));
    await administrator.s3.send(new PutObjectCommand({ Bucket: ownBucket, Key: "uploads/test/a", Body: "text" }));
    await administrator.dynamodb.send(
      new CreateTableCommand({
        TableName: neighbour.table,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    await call("GET", "/health"); // a container with the role's credentials runs
    const settings = { ...aws, credentials: await roleCredentials("api") };
    ssm = new SSMClient(settings);
    s3 = new S3Client({ ...settings, forcePathStyle: true });
    dynamodb = new DynamoDBClient(settings);
  });

  after(async () => {
    await administrator.ssm.send(new DeleteParameterCommand({ Name: neighbour.parameter }));
    await administrator.s3.send(new DeleteObjectCommand({ Bucket: neighbour.bucket, Key: "uploads/a/b" }));
    await administrator.s3.send(new DeleteBucketCommand({ Bucket: neighbour.bucket }));
    await administrator.s3.send(new DeleteObjectCommand({ Bucket: ownBucket, Key: "private/a" }));
    await administrator.s3.send(new DeleteObjectCommand({ Bucket: ownBucket, Key: "uploads/test/a" }));
    await administrator.dynamodb.send(new DeleteTableCommand({ TableName: neighbour.table }));
  });

  const isDenied = (error: unknown): boolean =>
    /^AccessDenied/.test((error as Error).name) || assert.fail(`another error: ${String(error)}`);

  it("reads the parameters that the function declares", async () => {
    const Name = "/student-helper/local/storage/bucket";

    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));

    assert.equal(Parameter?.Value, ownBucket);
  });

  it("is denied the stack's parameters that the function does not declare", async () => {
    const Name = "/student-helper/local/anthropic/api_key";

    await assert.rejects(ssm.send(new GetParameterCommand({ Name, WithDecryption: true })), isDenied);
  });

  it("is denied a neighbour's parameter", async () => {
    await assert.rejects(ssm.send(new GetParameterCommand({ Name: neighbour.parameter })), isDenied);
  });

  it("reads, and lists, uploads", async () => {
    const object = await s3.send(new GetObjectCommand({ Bucket: ownBucket, Key: "uploads/test/a" }));
    const list = await s3.send(new ListObjectsV2Command({ Bucket: ownBucket, Prefix: "uploads/test/" }));

    assert.equal(await object.Body?.transformToString(), "text");
    assert.deepEqual(
      list.Contents?.map(({ Key }) => Key),
      ["uploads/test/a"],
    );
  });

  it("is denied every other prefix of its bucket", async () => {
    const place = { Bucket: ownBucket, Key: "private/a" };

    await assert.rejects(s3.send(new GetObjectCommand(place)), isDenied);
    await assert.rejects(s3.send(new PutObjectCommand({ ...place, Body: "text" })), isDenied);
    await assert.rejects(s3.send(new DeleteObjectCommand(place)), isDenied);
    await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: ownBucket, Prefix: "private/" })), isDenied);
    await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: ownBucket })), isDenied);
  });

  it("is denied a neighbour's bucket", async () => {
    const place = { Bucket: neighbour.bucket, Key: "uploads/a/b" };

    await assert.rejects(s3.send(new GetObjectCommand(place)), isDenied);
    await assert.rejects(s3.send(new PutObjectCommand({ ...place, Body: "text" })), isDenied);
  });

  it("is denied a neighbour's table", async () => {
    const read = new GetItemCommand({ TableName: neighbour.table, Key: { id: { S: "1" } } });

    await assert.rejects(dynamodb.send(read), isDenied);
  });
});
