import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { probe, type Result } from "../local/commands";
import { useTemporaryFolder } from "../local/testing/temporary-folder";
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
      [...block.matchAll(/student-helper[-/](\$\{STACK##\*\/\}|[^-\s]+)[-/]/g)].map(([, stack]) => stack),
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

describe("the runbook's commands for AWS", () => {
  const folder = useTemporaryFolder();
  const file = (name: string): string => path.join(folder(), name);
  const runbook = fs.readFileSync(path.join(__dirname, "..", "docs", "runbook.md"), "utf8");
  const block = (beginning: string): string => {
    const found = runbook.split("```console cloud\n").filter((text) => text.startsWith(beginning));
    assert.equal(found.length, 1, beginning);
    return found[0]!.split("```")[0]!;
  };

  /** Runs commands with an AWS whose instance has a new name the third time that it is asked for. */
  function shell(lines: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
    const aws = `
      sleep() { :; }
      aws() {
        echo "$*" >> calls
        case "$*" in
          *DbiResourceId*) echo "$FOUND" ;;
          *VpcSecurityGroupId*) echo sg-1 ;;
          *put-parameter*) cat > value ;;
          "rds modify-db-instance "*) [ -z "$REFUSED" ] ;;
          "rds describe-db-instances --db-instance-identifier student-helper-prod-database-old")
            [ "$(grep -cFx -- "$*" calls)" -ge 3 ] ;;
        esac
      }`;
    return probe("bash", ["-c", `${aws}\n${lines}`], { cwd: folder(), env: { STACK: "student-helper/prod", ...env } });
  }

  const called = (): string[] =>
    fs
      .readFileSync(file("calls"), "utf8")
      .split("\n")
      .flatMap((call) => /^rds (.+?) --/.exec(call)?.[1] ?? []);
  const renaming = block("DB=student-helper-${STACK##*/}-database\nOLD=");

  it("write a key that was typed, as it is, and leave it on no command line", async () => {
    const writing = block("read -rs KEY");

    const { exitCode, all } = await shell(`{ ${writing}} <<< 'key-\\n of the vendor'`);

    assert.equal(exitCode, 0, all);
    const calls = fs.readFileSync(file("calls"), "utf8");
    assert.equal(
      calls,
      "ssm put-parameter --overwrite --name /student-helper/prod/anthropic/api_key --value file:///dev/stdin\n",
    );
    assert.equal(fs.readFileSync(file("value"), "utf8"), "key-\\n of the vendor");
  });

  it("wait until the old instance has its new name", async () => {
    const { exitCode } = await shell(renaming, { FOUND: "db-OLD" });

    assert.equal(exitCode, 0);
    const describe = "describe-db-instances";
    const renamed = [describe, describe, "modify-db-instance", describe, describe, describe];
    assert.deepEqual(called(), [...renamed, "wait db-instance-available"]);
  });

  it("end with what AWS refuses", async () => {
    const { exitCode } = await shell(renaming, { FOUND: "db-OLD", REFUSED: "yes" });

    assert.notEqual(exitCode, 0);
    assert.equal(called().at(-1), "modify-db-instance");
  });

  for (const [found, is] of [
    ["db-NEW", 0],
    ["db-OLD", 1],
  ] as const) {
    it(`${is === 0 ? "take" : "do not take"} ${found} for the new instance of db-OLD`, async () => {
      const behindProxy = block("aws rds wait db-instance-available --db-instance-identifier $DB &&");

      const { exitCode } = await shell(behindProxy, {
        DB: "student-helper-prod-database",
        OLD: "db-OLD",
        FOUND: found,
      });

      assert.equal(exitCode, is);
    });
  }

  const state = (id: string): string =>
    JSON.stringify({
      deployment: { resources: [{ urn: "stack" }, { urn: "database", id }, { urn: "role", id: "api" }] },
    });

  it("write the new instance into the state, in the place of the old one", async () => {
    fs.writeFileSync(file("state.json"), state("db-OLD"));

    const { exitCode, all } = await shell(block("node -e"), { OLD: "db-OLD", NEW: "db-NEW" });

    assert.equal(exitCode, 0, all);
    assert.equal(fs.readFileSync(file("state.json"), "utf8"), state("db-NEW"));
  });

  for (const variables of [
    { OLD: "", NEW: "db-NEW" },
    { OLD: "db-OLD", NEW: "" },
    { OLD: "db-OLD", NEW: "db-OLD" },
  ]) {
    it(`leave the state alone with ${JSON.stringify(variables)}`, async () => {
      fs.writeFileSync(file("state.json"), state("db-OLD"));

      const { exitCode } = await shell(block("node -e"), variables);

      assert.notEqual(exitCode, 0);
      assert.equal(fs.readFileSync(file("state.json"), "utf8"), state("db-OLD"));
    });
  }
});
