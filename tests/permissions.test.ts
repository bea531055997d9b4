/** What the roles of every stack may do, as the unmodified program makes them. */
import * as assert from "node:assert/strict";
import { functions, type FunctionName } from "../functions";
import { permissionsOfAll } from "./support/permissions-of-all";
import { type Outputs, recordingOf, stacks } from "./support/program";
import { type Recording, statementsOf } from "./support/pulumi-mocks";

const names = Object.keys(functions) as FunctionName[];
/** Those that run outside of updates. */
const serving = names.filter((name) => name !== "migrate" && name !== "canary");
const here = "eu-central-1:123456789012";

/** What a function may do beyond what all may: actions -> resources, with the stack's own names cut off. */
const permissions: Readonly<Record<FunctionName, readonly string[]>> = {
  api: [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/storage/bucket /checkpoints/table /cognito/client_id /voyage/api_key /voyage/model",
    "s3:GetObject s3:GetObjectVersion s3:PutObject s3:DeleteObject -> bucket/uploads/*",
    "s3:ListBucket -> bucket if uploads/*",
    "s3:GetObject s3:GetObjectVersion s3:DeleteObject -> bucket/results/*",
    "s3:ListBucket -> bucket if results/*",
    "dynamodb:Query dynamodb:DeleteItem -> table checkpoints",
    "lambda:GetFunction -> function api function api:*",
  ],
  migrate: ["ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password"],
  "image-processor": [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/storage/bucket /checkpoints/table /events/bus_name",
    "s3:GetObject s3:GetObjectVersion -> bucket/uploads/images/*",
    "s3:PutObject s3:DeleteObject -> bucket/results/*",
    "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem -> table checkpoints",
    "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility -> queue image-processor",
    "sqs:SendMessage -> queue image-processor-dead-letter",
    "events:PutEvents -> bus pipeline",
  ],
  "document-processor": [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/storage/bucket /checkpoints/table /events/bus_name",
    "s3:GetObject s3:GetObjectVersion -> bucket/uploads/documents/*",
    "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem -> table checkpoints",
    "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility -> queue document-processor",
    "sqs:SendMessage -> queue document-processor-dead-letter",
    "events:PutEvents -> bus pipeline",
  ],
  analyzer: [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/storage/bucket /checkpoints/table /events/bus_name /anthropic/api_key /anthropic/model",
    "s3:GetObject s3:GetObjectVersion -> bucket/results/*",
    "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem -> table checkpoints",
    "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility -> queue analyzer",
    "sqs:SendMessage -> queue analyzer-dead-letter",
    "events:PutEvents -> bus pipeline",
  ],
  embedder: [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/checkpoints/table /voyage/api_key /voyage/model",
    "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem -> table checkpoints",
    "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility -> queue embedder",
    "sqs:SendMessage -> queue embedder-dead-letter",
  ],
  cleanup: [
    "ssm:GetParameters -> /database/host /database/port /database/name /database/username /database/password " +
      "/storage/bucket /checkpoints/table",
    "s3:DeleteObject -> bucket/uploads/*",
    "s3:ListBucket -> bucket if uploads/*",
    "s3:DeleteObject -> bucket/results/*",
    "s3:ListBucket -> bucket if results/*",
    "dynamodb:Scan dynamodb:DeleteItem -> table checkpoints",
  ],
  canary: [
    `lambda:GetAlias lambda:UpdateAlias -> ${serving.map((name) => `function ${name}`).join(" ")}`,
    "cloudwatch:DescribeAlarms -> alarm *",
    "cloudwatch:GetMetricData -> *",
  ],
};

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/** A statement as a line of {@link permissions}; one that cannot be written so is shown in full, which no line equals. */
function inWords(statement: Statement, stack: string): string {
  const { Effect, Action, Resource, Condition } = statement;
  const condition = /^{"StringLike":{"s3:prefix":\["([^"]+)"\]}}$/.exec(JSON.stringify(Condition ?? ""))?.[1];
  if (Effect !== "Allow" || (Condition !== undefined && condition === undefined)) return JSON.stringify(statement);
  const resources = [Resource]
    .flat()
    .map((arn) =>
      arn
        .replace(`arn:aws:s3:::student-helper-${stack}-uploads-123456789012`, "bucket")
        .replace(`arn:aws:ssm:${here}:parameter/student-helper/${stack}/`, "/")
        .replace(`arn:aws:dynamodb:${here}:table/student-helper-${stack}-`, "table ")
        .replace(`arn:aws:sqs:${here}:student-helper-${stack}-`, "queue ")
        .replace(`arn:aws:events:${here}:event-bus/student-helper-${stack}-`, "bus ")
        .replace(`arn:aws:lambda:${here}:function:student-helper-${stack}-`, "function ")
        .replace(`arn:aws:cloudwatch:${here}:alarm:student-helper-${stack}-`, "alarm "),
    );
  return `${Action.join(" ")} -> ${resources.join(" ")}${condition === undefined ? "" : ` if ${condition}`}`;
}

describe("permissions", () => {
  for (const stack of stacks) {
    describe(`of ${stack}`, () => {
      let recording: Recording<Outputs>;
      before(async () => {
        recording = await recordingOf(stack);
      });

      for (const name of names) {
        it(`let ${name} do exactly what it declares`, () => {
          const { inputs } = recording;

          const statements = statementsOf(inputs("aws:iam/rolePolicy:RolePolicy", name).policy);

          const ofAll = permissionsOfAll(`student-helper-${stack}-${name}`);
          assert.deepEqual(statements.slice(0, ofAll.length), ofAll);
          assert.deepEqual(
            statements.slice(ofAll.length).map((statement) => inWords(statement as Statement, stack)),
            permissions[name],
          );
        });
      }

      it("are bounded in all roles, but for the local one, which nobody deploys to", () => {
        const { resources } = recording;

        const boundaries = resources
          .filter(({ type }) => type === "aws:iam/role:Role")
          .map(({ inputs }) => inputs.permissionsBoundary);
        const boundary =
          stack === "local" ? undefined : `arn:aws:iam::123456789012:policy/student-helper-${stack}-boundary`;
        assert.ok(boundaries.length > 0);
        assert.deepEqual([...new Set(boundaries)], [boundary]);
      });
    });
  }
});
