import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { call } from "./api";
import { takeApart } from "./forgery";
import type { Student } from "./students";
import { theTarget } from "./target";
import { readItem } from "./uploads";

/** The name under which the system keeps a student's things. */
export const ownerName = ({ accessToken }: Student): string => String(takeApart(accessToken).claims.sub);

/** Everything that a student has: rows, every version of every object, and checkpoints. */
export async function possessions(student: Student): Promise<unknown> {
  const { body } = await call("GET", "/items?limit=100", { token: student.accessToken });
  const ids = (body.items as readonly { readonly item_id: string }[]).map(({ item_id }) => item_id);
  const rows = await Promise.all(ids.map((id) => readItem(student.accessToken, id)));
  return {
    // Each answer signs its links anew.
    rows: rows.map((row) => ({ ...row, links: Object.keys(row.links) })),
    objects: await objectsOf(ownerName(student)),
    checkpoints: await Promise.all(ids.map(checkpointsOf)),
  };
}

async function objectsOf(owner: string): Promise<string[]> {
  const client = new S3Client({ ...theTarget().aws, forcePathStyle: true });
  const prefixes = [`uploads/images/${owner}/`, `uploads/documents/${owner}/`, `results/${owner}/`];
  const lists = await Promise.all(
    prefixes.map((Prefix) => client.send(new ListObjectVersionsCommand({ Bucket: theTarget().uploadBucket, Prefix }))),
  );
  return lists
    .flatMap(({ Versions = [], DeleteMarkers = [] }) => [
      ...Versions.map(({ Key, VersionId, ETag }) => `${Key} ${VersionId} ${ETag}`),
      ...DeleteMarkers.map(({ Key, VersionId }) => `${Key} ${VersionId} deleted`),
    ])
    .sort();
}

async function checkpointsOf(id: string): Promise<unknown> {
  const { aws, functions } = theTarget();
  const { Items } = await new DynamoDBClient(aws).send(
    new QueryCommand({
      TableName: functions.api!.name.replace(/api$/, "checkpoints"),
      KeyConditionExpression: "item_id = :id",
      ExpressionAttributeValues: { ":id": { S: id } },
    }),
  );
  return Items;
}
