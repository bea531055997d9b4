/**
 * What the stack's roles may do to all that is around them: requests of every sort, refused but for what a role is for.
 *
 * Network interfaces are left out: a function's code is kept from them by the condition `lambda:SourceFunctionArn`, which the
 * local stack's emulator does not know.
 */
import * as assert from "assert/strict";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type FunctionDefinition, functions, servingFunctions } from "../../functions";
import { roleCredentials } from "./support/function-role";
import { consumers } from "./support/consumers";
import { allowed, assume, createOpenRole, deleteRole, policiesOf } from "./support/iam";
import { makeNeighbours, type Neighbours, removeNeighbours } from "./support/neighbours";
import { queueUrl } from "./support/queues";
import { requestsOf } from "./support/requests";
import { theTarget } from "./support/target";

const names = Object.keys(functions);
const scheduled = Object.entries<FunctionDefinition>(functions).flatMap(([name, { schedule }]) =>
  schedule === undefined ? [] : [name],
);

/** What a function's role may do of all that is tried. */
function expectedOf(name: string, definition: FunctionDefinition): string[] {
  const { checkpoints, publishes, consumes, shiftsTraffic, readsOwnImage } = definition;
  return [
    `logs: write those of ${name}`,
    ...(consumes === undefined ? [] : [`sqs: send to ${name}-dead-letter`]),
    ...(publishes === undefined ? [] : ["events: put on the pipeline's bus"]),
    ...(checkpoints.includes("use") ? ["dynamodb: get", "dynamodb: put", "dynamodb: update"] : []),
    ...(checkpoints.includes("forget") ? ["dynamodb: query"] : []),
    ...(checkpoints.includes("expire") ? ["dynamodb: scan"] : []),
    ...(checkpoints.length > 0 ? ["dynamodb: delete"] : []),
    ...(readsOwnImage === undefined ? [] : [`lambda: read the code of ${name}`]),
    ...(shiftsTraffic === undefined
      ? []
      : ["cloudwatch: get metrics", ...servingFunctions.map((served) => `lambda: read the alias of ${served}`)]),
  ].sort();
}

describe("of all that is around it, the role of", () => {
  let neighbours: Neighbours;

  before(async () => {
    neighbours = await makeNeighbours();
    // A container with the role's credentials runs, whatever the function makes of such an event.
    const lambda = new LambdaClient(theTarget().aws);
    await Promise.all(
      Object.values(theTarget().functions).map(({ name }) =>
        lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: "live", Payload: '{"Records":[]}' })),
      ),
    );
  });

  after(async () => {
    await removeNeighbours(neighbours);
    const sqs = new SQSClient(theTarget().aws);
    for (const name of consumers) {
      await sqs.send(new PurgeQueueCommand({ QueueUrl: await queueUrl(`${name}-dead-letter`) }));
    }
  });

  it("the administrator may do everything that is tried", async () => {
    const requests = requestsOf(theTarget().aws, neighbours);
    // What would wake functions is tried by roles alone, and the stack's roles trust none but services.
    const harmless = Object.entries(requests).filter(([name]) => !/^sqs: send to |^sts: take on .*'s role$/.test(name));

    assert.deepEqual(await allowed(Object.fromEntries(harmless)), harmless.map(([name]) => name).sort());
  });

  for (const [name, definition] of Object.entries<FunctionDefinition>(functions)) {
    it(`${name} may do what its entry says, and nothing else`, async () => {
      const settings = { ...theTarget().aws, credentials: await roleCredentials(name) };

      assert.deepEqual(await allowed(requestsOf(settings, neighbours)), expectedOf(name, definition));
    });
  }

  for (const name of scheduled) {
    it(`${name}'s schedule may invoke ${name}, and nothing else`, async () => {
      // Its role trusts EventBridge Scheduler alone: a role with its policies stands in for it.
      const role = "student-helper-local-test-schedule";
      const arn = await createOpenRole(role, await policiesOf(`student-helper-local-${name}-schedule`));
      try {
        const settings = { ...theTarget().aws, credentials: await assume(arn) };

        assert.deepEqual(await allowed(requestsOf(settings, neighbours)), [`lambda: invoke ${name}`]);
      } finally {
        await deleteRole(role);
      }
    });
  }

  it("anybody else does not exist", async () => {
    const { Roles = [] } = await new IAMClient(theTarget().aws).send(new ListRolesCommand({}));

    const roles = Roles.map(({ RoleName }) => RoleName!).filter((role) => role.startsWith("student-helper-local-"));

    const own = [...names, ...scheduled.map((name) => `${name}-schedule`)].map(
      (name) => `student-helper-local-${name}`,
    );
    assert.deepEqual(roles.sort(), own.sort());
  });
});
