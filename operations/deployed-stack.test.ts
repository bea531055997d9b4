import * as assert from "node:assert/strict";
import { StepError } from "../local/errors";
import { checkout } from "../local/folders";
import { stacks } from "../tests/support/automation";
import { deployedStack, knownFunction, nameInAws } from "./deployed-stack";

/** The reason and the next thing to do of what an action throws. */
async function refusal(action: () => unknown): Promise<readonly [reason: string, next: string]> {
  try {
    await action();
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    return [error.reason, error.next];
  }
  return assert.fail("it was taken");
}

describe("a deployed stack", () => {
  it("is known by its file, and has its region and the names of its resources", async () => {
    const stack = await deployedStack("prod");

    assert.deepEqual(stack, {
      name: "prod",
      pulumiName: "prod",
      pulumi: { cwd: checkout, env: {} },
      aws: { region: "eu-central-1" },
    });
    assert.equal(nameInAws(stack, "api"), "student-helper-prod-api");
  });

  it("may be named with its organization, which Pulumi is told", async () => {
    const stack = await deployedStack("student-helper/dev");

    assert.deepEqual([stack.name, stack.pulumiName], ["dev", "student-helper/dev"]);
  });

  it("may be a pull request's, with the settings of their template", async () => {
    const stack = await deployedStack("student-helper/pr-12");

    assert.deepEqual([stack.name, stack.aws], ["pr-12", { region: "eu-central-1" }]);
    assert.equal(nameInAws(stack, "api"), "student-helper-pr-12-api");
  });

  it("is refused with a typing error, and the name that was meant is shown", async () => {
    const told = await refusal(() => deployedStack("prdo"));

    assert.deepEqual(told, ['there is no stack "prdo"; nothing was changed.', "did you mean prod?"]);
  });

  it("is asked for with all names that there are", async () => {
    const missing = await refusal(() => deployedStack(undefined));
    const strange = await refusal(() => deployedStack("somewhere"));

    const names = [...stacks.filter((stack) => stack !== "pr"), "local"].sort().join(", ");
    assert.deepEqual(missing, ["no stack is named.", `add --stack, one of ${names}.`]);
    assert.deepEqual(strange[1], `name one of ${names}.`);
  });
});

describe("a function's name", () => {
  it("is one of the registry's", async () => {
    const told = await refusal(() => knownFunction("analyser"));

    assert.equal(knownFunction("analyzer"), "analyzer");
    assert.deepEqual(told, ['there is no function "analyser"; nothing was changed.', "did you mean analyzer?"]);
  });
});
