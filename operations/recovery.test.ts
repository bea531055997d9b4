import * as assert from "node:assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { checkout } from "../local/folders";
import { useTemporaryFolder } from "../local/testing/temporary-folder";
import type { DeployedStack } from "./deployed-stack";
import type { PendingOperation, Resource, State } from "./interrupted-state";
import { backupFolder, findInterruption, recover } from "./recovery";

/** A CLI that keeps a stack's state in a file, as Pulumi does: `refresh` finds that AWS has whatever is named `…-there`. */
const cli = `#!/usr/bin/env node
const fs = require("fs");
const args = process.argv.slice(2);
fs.appendFileSync("calls", args.join(" ") + "\\n");
const state = JSON.parse(fs.readFileSync("state.json", "utf8"));
if (args[1] === "export") process.stdout.write(JSON.stringify(state));
if (args[1] === "import") {
  const imported = JSON.parse(fs.readFileSync(args[args.indexOf("--file") + 1], "utf8"));
  delete imported.deployment.pending_operations;
  fs.writeFileSync("state.json", JSON.stringify(imported));
}
if (args[0] === "refresh") {
  const { deployment } = state;
  const targets = args.filter((_, index) => args[index - 1] === "--target");
  deployment.resources = deployment.resources
    .filter(({ urn, id }) => !targets.includes(urn) || id.endsWith("-there"))
    .map((resource) => (targets.includes(resource.urn) ? { ...resource, outputs: { id: resource.id } } : resource));
  fs.writeFileSync("state.json", JSON.stringify(state));
}
`;

const resource = (type: string, name: string, more: Partial<Resource> = {}): Resource => ({
  urn: `urn:pulumi:dev::student-helper::${type}::${name}`,
  type,
  custom: true,
  inputs: { name },
  outputs: {},
  ...more,
});
const there = (type: string, name: string): Resource =>
  resource(type, name, { id: `${name}-there`, outputs: { name } });

describe("the recovery of a stack", () => {
  const folder = useTemporaryFolder();
  const file = (name: string): string => path.join(folder(), name);
  const name = "recovery-test";
  const stack = (): DeployedStack => ({
    name,
    pulumiName: "dev",
    pulumi: {
      folder: folder(),
      cwd: folder(),
      env: { PULUMI_BACKEND_URL: `file://${folder()}`, PULUMI_HOME: folder() },
    },
    aws: { region: "eu-central-1" },
  });

  beforeEach(async () => {
    await fs.writeFile(file("pulumi"), cli, { mode: 0o755 });
  });

  const backups = async (): Promise<string[]> =>
    (await fs.readdir(backupFolder).catch(() => [])).filter((entry) => entry.startsWith(name));
  afterEach(async () => {
    for (const backup of await backups()) await fs.rm(path.join(backupFolder, backup));
  });

  async function left(resources: readonly Resource[], operations: readonly PendingOperation[]): Promise<void> {
    const state: State = { deployment: { resources, pending_operations: operations } };
    await fs.writeFile(file("state.json"), JSON.stringify(state));
  }

  async function urnsInState(): Promise<string[]> {
    const { deployment } = JSON.parse(await fs.readFile(file("state.json"), "utf8")) as State;
    return (deployment.resources ?? []).map(({ urn }) => urn);
  }

  const changes = async (): Promise<string[]> =>
    (await fs.readFile(file("calls"), "utf8")).split("\n").filter((call) => !/^$|^stack export/.test(call));

  it("has nothing to do where no update was interrupted", async () => {
    await left([there("aws:iam/role:Role", "api")], []);

    const { lines } = await findInterruption(stack());

    assert.deepEqual(lines, []);
    assert.deepEqual(await changes(), []);
  });

  it("takes what exists into the state, and nothing else", async () => {
    const old = there("aws:iam/role:Role", "old");
    const made = resource("aws:iam/role:Role", "role-there");
    const missing = resource("aws:iam/role:Role", "missing");
    const again = resource("aws:sqs/queuePolicy:QueuePolicy", "policy");
    await left(
      [old],
      [
        { type: "creating", resource: made },
        { type: "creating", resource: missing },
        { type: "creating", resource: again },
        { type: "updating", resource: old },
      ],
    );

    const interruption = await findInterruption(stack());
    const taken = await recover(stack(), interruption);

    assert.deepEqual(interruption.lines, [
      "creating aws:iam/role:Role role-there: role-there: taken into the state, if AWS has it",
      "creating aws:iam/role:Role missing: missing: taken into the state, if AWS has it",
      "creating aws:sqs/queuePolicy:QueuePolicy policy: made again",
      "updating aws:iam/role:Role old: read from AWS",
    ]);
    assert.deepEqual(
      taken.map(({ urn }) => urn),
      [made.urn],
    );
    assert.deepEqual(await urnsInState(), [old.urn, made.urn]);
    const [imported, refreshed, ...more] = await changes();
    assert.match(imported!, /^stack import --file .*-mended\.json --stack dev --non-interactive$/);
    const targets = [old, made, missing].map(({ urn }) => `--target ${urn}`).join(" ");
    assert.equal(refreshed, `refresh --yes --skip-preview ${targets} --stack dev --non-interactive`);
    assert.deepEqual(more, []);
    assert.deepEqual((await findInterruption(stack())).lines, []);
  });

  it("keeps the state as it was below the checkout, wherever the stack's own state is", async () => {
    await left([], [{ type: "creating", resource: resource("aws:iam/role:Role", "role-there") }]);
    const earlier = await fs.readFile(file("state.json"), "utf8");

    await recover(stack(), await findInterruption(stack()));

    assert.equal(backupFolder, path.join(checkout, ".local", "recovery"));
    const [backup, ...others] = await backups();
    assert.deepEqual(JSON.parse(await fs.readFile(path.join(backupFolder, backup!), "utf8")), JSON.parse(earlier));
    assert.deepEqual(others, []);
  });

  it("goes on where an earlier one ended", async () => {
    const unread = resource("aws:iam/role:Role", "role", { id: "role-there" });
    await left([unread], []);

    const interruption = await findInterruption(stack());
    await recover(stack(), interruption);

    assert.deepEqual(interruption.lines, ["aws:iam/role:Role role: of an earlier recovery, still to be read from AWS"]);
    assert.deepEqual((await findInterruption(stack())).lines, []);
  });

  it("leaves what another update has made since", async () => {
    const role = there("aws:iam/role:Role", "api");
    await left([role], [{ type: "creating", resource: resource("aws:iam/role:Role", "api") }]);

    const interruption = await findInterruption(stack());
    await recover(stack(), interruption);

    assert.deepEqual(interruption.lines, ["creating aws:iam/role:Role api: done since by another update"]);
    assert.deepEqual(await urnsInState(), [role.urn]);
  });

  it("asks for a decision about a type that has none, and changes nothing", async () => {
    await left([], [{ type: "creating", resource: resource("aws:quantum/computer:Computer", "one") }]);

    await assert.rejects(
      findInterruption(stack()),
      /created aws:quantum\/computer:Computer one, and nobody has decided/,
    );
    assert.deepEqual(await changes(), []);
  });

  it("changes nothing where the stack is not what it was", async () => {
    await left([], [{ type: "creating", resource: resource("aws:iam/role:Role", "role-there") }]);
    const interruption = await findInterruption(stack());
    await left([there("aws:iam/role:Role", "another")], []);

    await assert.rejects(recover(stack(), interruption), {
      reason: "stack recovery-test has changed meanwhile; nothing was changed.",
    });
    assert.deepEqual(await changes(), []);
  });
});
