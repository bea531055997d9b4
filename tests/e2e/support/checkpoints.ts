import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { theTarget } from "./target";

export const checkpointTable = "student-helper-local-checkpoints";

/** What the table of checkpoints says about a step of an item. */
export interface Checkpoint {
  readonly itemId: string;
  /** The function whose step it is. */
  readonly step: string;
  readonly status: string;
}

/** All checkpoints, or those of one item. */
export async function checkpoints(itemId?: string): Promise<readonly Checkpoint[]> {
  const found: Checkpoint[] = [];
  const ofItem = { FilterExpression: "item_id = :id", ExpressionAttributeValues: { ":id": { S: itemId ?? "" } } };
  const scan = { TableName: checkpointTable, ...(itemId === undefined ? {} : ofItem) };
  for await (const { Items = [] } of paginateScan({ client: new DynamoDBClient(theTarget().aws) }, scan)) {
    for (const { item_id: id, step, status } of Items) {
      // The key of a step is its function's name, and a digest of the upload's version.
      found.push({ itemId: id!.S!, step: step!.S!.split("#")[0]!, status: status!.S! });
    }
  }
  return found;
}
