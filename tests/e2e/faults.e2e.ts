import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import type { Stack } from "@pulumi/pulumi/automation";
import { StepError } from "../../local/errors";
import { instanceFolder } from "../../local/folders";
import { stateFolder } from "../../local/stack-state";
import { applyStack, prepareSystem, stopSystem } from "../../local/system";
import { theLocalTarget } from "./support/target";

const instance = instanceFolder("e2e");

/** Pulumi's state file, as far as a test looks at it. */
interface State {
  readonly checkpoint: { readonly latest: { resources: { type: string }[]; pending_operations?: unknown[] } };
}

/** What `npm start` does. */
async function start(): Promise<Readonly<Record<string, unknown>>> {
  return applyStack(instance, await prepareSystem(instance, theLocalTarget().checkout));
}

/** Starts the system while a file of its checkout is another one, and returns what it is told as. */
async function startWith(file: string, change: (text: string) => string): Promise<StepError> {
  const name = path.join(theLocalTarget().checkout, file);
  const text = await fs.readFile(name, "utf8");
  await fs.writeFile(name, change(text));
  try {
    await start();
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    return error;
  } finally {
    await fs.writeFile(name, text);
  }
  return assert.fail("it started");
}

/** The types of the resources that Pulumi knows, its own left out. */
async function resources(stack: Stack): Promise<string[]> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: { type: string }[] } };
  return (deployment.resources ?? []).map(({ type }) => type).filter((type) => !type.startsWith("pulumi:"));
}

async function healthOf(outputs: Readonly<Record<string, unknown>>): Promise<number> {
  return (await fetch(`${String(outputs.API_BASE_URL)}/health`)).status;
}

// The last suite, as it ends the system that the others use. Each test goes on from the one before.
describe("a start that fails", () => {
  before(() => stopSystem(instance));

  it("for a wrong configuration tells all that is wrong at once, and makes nothing", async () => {
    const error = await startWith("Pulumi.local.yaml", (text) =>
      [
        text.trimEnd().replace(/student-helper:functions:$/m, "$&\n    api: { memoryMegabytes: 50 }"),
        "  student-helper:throttleRate: many",
        "  student-helper:corsOrigin: []",
        "",
      ].join("\n"),
    );

    const problems = error.reason.split("\n").filter((line) => /^ +\d+\. /.test(line));
    assert.deepEqual(
      problems.map((line) => line.trim()),
      ["1. corsOrigin", "2. throttleRate", "3. functions.api.memoryMegabytes"],
    );
    assert.equal(error.reason.split("nothing was changed").length, 2, error.reason);
    assert.deepEqual(await resources(await prepareSystem(instance, theLocalTarget().checkout)), []);
  });

  it("for a Dockerfile's failing step names it once", async () => {
    const error = await startWith("images/api/Dockerfile", (text) =>
      text.replace(/^COPY /m, "RUN echo looking; ls /no-such-folder\nCOPY "),
    );

    // docker-build does not always hand over the last lines of a build that failed; the command and its code it does.
    assert.match(error.reason, /^pulumi up: api: .*echo looking; ls \/no-such-folder.*exit code: 2$/m);
    assert.equal(error.reason.split("exit code: 2").length, 2, error.reason);
    assert.equal(error.next, "mend the cause, then run the command again: it goes on from here.");
  });

  it("is gone on from by the next one", async () => {
    const stack = await prepareSystem(instance, theLocalTarget().checkout);
    const before = await resources(stack);
    assert.ok(before.includes("aws:ecr/repository:Repository"), "the failed start made what does not need the image");

    const outputs = await applyStack(instance, stack);

    assert.equal(await healthOf(outputs), 200);
    assert.ok((await resources(stack)).length > before.length);
  });

  it("as it is killed while it creates something is followed by one that makes all of it again", async () => {
    const file = path.join(stateFolder(instance), ".pulumi", "stacks", "student-helper", "local.json");
    const before = await start();
    const state = JSON.parse(await fs.readFile(file, "utf8")) as State;
    const { latest } = state.checkpoint;
    const role = latest.resources.find(({ type }) => type === "aws:iam/role:Role");
    // What the engine writes before it creates a resource, and takes back when that is done.
    latest.pending_operations = [{ resource: role, type: "creating" }];
    await fs.writeFile(file, JSON.stringify(state));

    const outputs = await start();

    assert.equal(await healthOf(outputs), 200);
    assert.notEqual(outputs.COGNITO_USER_POOL_ID, before.COGNITO_USER_POOL_ID);
    const { checkpoint } = JSON.parse(await fs.readFile(file, "utf8")) as State;
    assert.equal(checkpoint.latest.pending_operations, undefined);
  });
});
