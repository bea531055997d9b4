import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import type { Stack } from "@pulumi/pulumi/automation";
import { StepError } from "../../local/errors";
import { applyStack, prepareSystem, stopSystem } from "../../local/system";
import { instance, theLocalTarget } from "./support/target";

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

// It ends the system that the others use. The next suite goes on from what it leaves.
describe("a start that fails", () => {
  before(() => stopSystem(instance));

  it("for a wrong configuration tells all that is wrong at once, and makes nothing", async () => {
    const error = await startWith("Pulumi.local.yaml", (text) =>
      [
        text.trimEnd().replace(/student-helper:functions:$/m, "$&\n    canary: { memoryMegabytes: 50 }"),
        "  student-helper:throttleRate: many",
        "  student-helper:corsOrigin: []",
        "",
      ].join("\n"),
    );

    const problems = error.reason.split("\n").filter((line) => /^ +\d+\. /.test(line));
    assert.deepEqual(
      problems.map((line) => line.trim()),
      ["1. corsOrigin", "2. throttleRate", "3. functions.canary.memoryMegabytes"],
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
    const made = await resources(await prepareSystem(instance, theLocalTarget().checkout));
    assert.ok(made.includes("aws:ecr/repository:Repository"), "it made what does not need the image");
  });
});
