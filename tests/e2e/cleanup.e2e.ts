import * as assert from "assert/strict";
import { randomUUID } from "crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { call } from "./support/api";
import { checkpoints, checkpointTable } from "./support/checkpoints";
import { makeOlder } from "./support/database";
import { newStudent, removeStudents, subject } from "./support/students";
import { ended, readItem, requestUpload, search, upload } from "./support/uploads";
import { theTarget } from "./support/target";

/**
 * The scheduled function, in its container and with its role, on what has become old. Objects that have lost their items are
 * left to its unit tests: S3 lets nobody make an object older.
 */
describe("the cleanup", () => {
  let token: string;
  /** Announced a day ago, and never sent. */
  let abandoned: string;
  /** Its file was removed from the bucket. */
  let lost: string;
  /** Its last attempt ended without a word. */
  let stalled: string;
  let untouched: string;
  const forgotten = randomUUID();

  before(async () => {
    ({ accessToken: token } = await newStudent());
    const notes = ["lost.txt", "stalled.txt", "untouched.txt"];
    [lost, stalled, untouched] = (await Promise.all(
      notes.map((name) => upload(token, name, Buffer.from(`What remains of ${name}`))),
    )) as [string, string, string];
    ({ id: abandoned } = await requestUpload(token, { filename: "never.txt", content_type: "text/plain" }));
    for (const id of [lost, stalled, untouched]) {
      const { status, reason } = await ended(token, id);
      assert.equal(status, "ready", reason ?? "");
    }
    const { aws, uploadBucket } = theTarget();
    await new S3Client({ ...aws, forcePathStyle: true }).send(
      new DeleteObjectCommand({ Bucket: uploadBucket, Key: `uploads/documents/${subject(token)}/${lost}` }),
    );
    await makeOlder(abandoned, 25);
    await makeOlder(lost, 2);
    await makeOlder(stalled, 13, "processing");
    await new DynamoDBClient(aws).send(
      new PutItemCommand({
        TableName: checkpointTable,
        Item: {
          item_id: { S: forgotten },
          step: { S: "embedder#0" },
          status: { S: "COMPLETED" },
          expiration: { N: "1" },
        },
      }),
    );
  });

  after(removeStudents);

  it("removes and counts what nobody needs any more", async () => {
    const invoke = new InvokeCommand({ FunctionName: theTarget().functions.cleanup!.name, Qualifier: "live" });

    const { FunctionError, Payload } = await new LambdaClient(theTarget().aws).send(invoke);

    const answer = Buffer.from(Payload!).toString();
    assert.equal(FunctionError, undefined, answer);
    assert.deepEqual(JSON.parse(answer), { checkpoints: 1, uploads: 1, stalled: 1, rows: 1, objects: 0 });
    assert.deepEqual(await checkpoints(forgotten), []);
    for (const id of [abandoned, lost]) assert.equal((await call("GET", `/items/${id}`, { token })).status, 404);
    assert.equal((await readItem(token, stalled)).status, "failed");
  });

  it("leaves the rest as it was", async () => {
    const [found] = await search(token, "What remains of untouched.txt");

    assert.equal(found?.item_id, untouched);
    assert.equal((await readItem(token, untouched)).status, "ready");
  });
});
