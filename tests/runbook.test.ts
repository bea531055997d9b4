import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { recordingOf } from "./support/program";

describe("the runbook", () => {
  const text = fs.readFileSync(path.join(__dirname, "..", "docs", "runbook.md"), "utf8");
  const images = path.join(__dirname, "..", "images");
  /** Its sections, by the names that links use. */
  const sections = [...text.matchAll(/^#{2,3} (.*)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(" ", "-"),
  );

  /** What its blocks of commands hold. */
  const blocks = [...text.matchAll(/^```console.*\n([\s\S]*?)^```/gm)].map(([, lines = ""]) => lines);

  it("has the section to which each alarm leads", async function () {
    this.timeout(60_000); // The program is loaded for it, with its SDKs.

    const { resources } = await recordingOf("prod");

    const alarms = resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    const told = alarms.map(({ inputs }) => /docs\/runbook\.md#(.+)$/.exec(String(inputs["alarmDescription"]))?.[1]);
    assert.ok(told.length > 0);
    assert.deepEqual(
      told.filter((section) => section === undefined || !sections.includes(section)),
      [],
    );
  });

  it("has RDS apply at once what a database that is protected would keep for its maintenance window", async function () {
    this.timeout(60_000);

    const { inputs } = await recordingOf("prod");

    assert.equal(inputs("aws:rds/instance:Instance", "database").applyImmediately, false);
    for (const option of ["--allocated-storage GIGABYTES", "--db-instance-class CLASS"]) {
      const command = `aws rds modify-db-instance --db-instance-identifier $DB ${option} --apply-immediately`;
      assert.ok(text.split("\n").includes(command), command);
    }
  });

  it("says what to do about each dependency that the API may name, and about no other", () => {
    // The API announces nothing: `events` is a dependency of others.
    const shared = ["parameters", "files", "checkpoints"].map((name) => `_shared/src/student_helper/${name}.py`);
    const own = fs.readdirSync(path.join(images, "api/src/api")).filter((name) => name.endsWith(".py"));
    const named = [...shared, ...own.map((name) => `api/src/api/${name}`)].flatMap((file) =>
      [...fs.readFileSync(path.join(images, file), "utf8").matchAll(/DependencyError\("(\w+)"\)/g)].map(
        ([, name]) => name,
      ),
    );

    const [, section = ""] = /### API errors\n([\s\S]*?)\n### /.exec(text) ?? [];
    const rows = section.split("\n").filter((line) => line.startsWith("| `dependency`"));
    const told = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));

    assert.deepEqual(
      [...new Set(told)].filter((name) => name !== "dependency" && name !== "api").sort(),
      [...new Set(named)].sort(),
    );
  });

  it("names what a stack has in AWS without the organization that may stand before the stack's name", () => {
    const names = blocks.flatMap((block) =>
      [...block.matchAll(/student-helper-([^-\s]+)-/g)].map(([, stack]) => stack),
    );

    assert.ok(names.length > 0);
    assert.deepEqual([...new Set(names)], ["${STACK##*/}"]);
  });

  it("has the sections to which it links itself", () => {
    const linked = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, section = ""]) => section);

    assert.deepEqual(
      linked.filter((section) => !sections.includes(section)),
      [],
    );
  });
});
