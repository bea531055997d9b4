/** The pack as a whole: what is let pass, and that the program keeps every policy. */
import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as aws from "@pulumi/aws";
import { type Fixture, resource, violations } from "../tests/support/policies";
import { defaultTagsOf, recordingOf, runAccess, stacks } from "../tests/support/program";
import { controls } from "./controls";
import type { Control } from "./control";
import { encryption as queueEncryption } from "./sqs";
import { namedResources } from "./iam";
import { type StackName, type Suppression, suppressions } from "./suppressions";

// A day on which all suppressions hold: that one has ended is said by a preview, not by tests that nobody changed.
const today = "2026-11-24";

describe("policies", () => {
  it("have an id, a description, a remediation and a source each", () => {
    const ids = controls.map(({ id }) => id);

    assert.deepEqual([...new Set(ids)], ids);
    for (const { id, description, remediation, url } of controls) {
      assert.match(id, /^[A-Za-z0-9]+\.[A-Za-z0-9]+$/);
      assert.match(description, /^[A-Z].+\.$/, id);
      assert.match(remediation, /^[A-Z].+\.$/, id);
      assert.match(url, /^https:\/\/docs\.aws\.amazon\.com\//, id);
    }
  });

  it("are served when Pulumi starts the pack", async function () {
    this.timeout(60_000); // Pulumi compiles the pack, and keeps that for the next time.
    const start = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const child = spawn(process.execPath, [start, "127.0.0.1:0", "."], { cwd: __dirname });
    try {
      const said = await Promise.race([once(child.stdout, "data"), once(child.stderr, "data")]);

      assert.match(String(said[0]), /^\d+\n$/); // The port to ask.
    } finally {
      child.kill();
    }
  });

  for (const stack of stacks as readonly StackName[]) {
    describe(`of ${stack}`, () => {
      let resources: readonly Fixture[];
      before(async () => {
        resources = await resourcesOf(stack);
      });

      for (const control of controls) {
        it(`keep ${control.id}`, async () => {
          const found = await violations(control, resources, { suppressions, today }, stack);

          assert.deepEqual(
            found.map(({ message }) => message),
            [],
          );
        });
      }

      it("need each suppression for each resource", async () => {
        const here = suppressions.filter((entry) => entry.stacks.includes(stack));

        assert.deepEqual(await neededOf(here, resources, stack), here.flatMap(oneByOne));
      });
    });
  }
});

describe("suppressions", () => {
  const queue = resource(aws.sqs.Queue, {});
  const suppression: Suppression = {
    control: queueEncryption.id,
    type: "aws:sqs/queue:Queue",
    names: ["it"],
    stacks: ["dev"],
    reason: "It holds nothing.",
    until: "2026-06-30",
  };
  const said = async (control: Control, fixture: Fixture, entry: Suppression, day: string): Promise<string[]> => {
    const found = await violations(control, [fixture], { suppressions: [entry], today: day }, "dev");
    return found.map(({ message }) => message);
  };

  it("let pass until their last day", async () => {
    assert.deepEqual(await said(queueEncryption, queue, suppression, "2026-06-30"), []);
  });

  it("let pass no longer, and say so", async () => {
    assert.deepEqual(await said(queueEncryption, queue, suppression, "2026-07-01"), [
      "SQS.1, it: Messages are not encrypted. Set sqsManagedSseEnabled, or kmsMasterKeyId. " +
        "The suppression ended on 2026-06-30; its reason was: It holds nothing.",
    ]);
  });

  for (const [what, change] of Object.entries<Partial<Suppression>>({
    "another control": { control: "SQS.2" },
    "another type": { type: "aws:sns/topic:Topic" },
    "another name": { names: ["other"] },
    "another stack": { stacks: ["prod"] },
    "a statement": { statement: "Some" },
  })) {
    it(`let pass nothing else: ${what}`, async () => {
      const messages = await said(queueEncryption, queue, { ...suppression, ...change }, "2026-06-30");

      assert.deepEqual(messages, [
        "SQS.1, it: Messages are not encrypted. Set sqsManagedSseEnabled, or kmsMasterKeyId.",
      ]);
    });
  }

  it("let pass one statement and no other", async () => {
    const statement = (Sid: string): object => ({ Sid, Effect: "Allow", Action: `s3:${Sid}`, Resource: "*" });
    const policy = JSON.stringify({ Statement: [statement("GetObject"), statement("PutObject")] });
    const entry = {
      ...suppression,
      control: namedResources.id,
      type: "aws:iam/rolePolicy:RolePolicy",
      statement: "GetObject",
    };

    const messages = await said(namedResources, resource(aws.iam.RolePolicy, { policy }), entry, "2026-06-30");

    assert.deepEqual(messages, [
      "IAM.Resources, it: The role may s3:PutObject with every resource. Name the resources that are needed.",
    ]);
  });

  it("are of controls that there are, with a reason and a day", () => {
    for (const { control, reason, until } of suppressions) {
      assert.ok(
        controls.some(({ id }) => id === control),
        control,
      );
      assert.match(reason, /^[A-Z].+\.$/, control);
      assert.equal(new Date(until).toISOString().slice(0, until.length), until);
    }
  });
});

/** What the program and access/ make for a stack, as policies see it. */
async function resourcesOf(stack: string): Promise<Fixture[]> {
  const recordings = [
    { folder: "", recording: await recordingOf(stack) },
    // Nobody needs a role to deploy the local stack.
    ...(stack === "local" ? [] : [{ folder: "access/", recording: await runAccess(stack) }]),
  ];
  return recordings.flatMap(({ folder, recording: { resources, references } }) =>
    resources.map(({ type, name, inputs }) => ({
      type,
      name,
      props: withoutSecrets(inputs) as Fixture["props"],
      references: references(type, name),
      defaultTags: defaultTagsOf(stack, folder),
    })),
  );
}

/** Pulumi shows policies a secret's value. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ("secret" in value) return withoutSecrets(value.secret);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutSecrets(entry)]));
}

/** A suppression of several resources as one of each. */
function oneByOne(suppression: Suppression): Suppression[] {
  return suppression.names.map((name) => ({ ...suppression, names: [name] }));
}

/** Those suppressions, one by one, without which there is a violation. */
async function neededOf(
  entries: readonly Suppression[],
  resources: readonly Fixture[],
  stack: string,
): Promise<Suppression[]> {
  const all = entries.flatMap(oneByOne);
  const needed: Suppression[] = [];
  for (const entry of all) {
    const others = all.filter((other) => other !== entry);
    const control = controls.find(({ id }) => id === entry.control) as Control;
    const found = await violations(control, resources, { suppressions: others, today }, stack);
    if (found.length > 0) needed.push(entry);
  }
  return needed;
}
