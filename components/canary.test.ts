import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { Canary, type CanaryArgs } from "./canary";
import { EventBus } from "./eventBus";

const make = (changes: Partial<CanaryArgs> = {}): Promise<Recording<Canary>> =>
  record(
    () =>
      new Canary("api", {
        function: { functionName: "student-helper-test-canary", aliasName: "live" },
        percent: 10,
        minutes: 5,
        alarmNames: ["student-helper-test-api-errors"],
        target: { functionName: "student-helper-test-api", aliasName: "live", version: "7" },
        dependsOn: [new EventBus("pipeline")],
        ...changes,
      }),
  );

describe("Canary", () => {
  it("has each new version tried once, when all that it needs is there", async () => {
    const { inputs, dependencies } = await make();

    const { input, ...others } = inputs("aws:lambda/invocation:Invocation", "api");
    assert.deepEqual(others, {
      functionName: "student-helper-test-canary",
      qualifier: "live",
      lifecycleScope: "CREATE_ONLY",
    });
    assert.deepEqual(JSON.parse(String(input)), {
      function_name: "student-helper-test-api",
      alias: "live",
      version: "7",
      percent: 10,
      minutes: 5,
      alarms: ["student-helper-test-api-errors"],
    });
    assert.deepEqual(dependencies("aws:lambda/invocation:Invocation", "api"), [
      "aws:cloudwatch/eventBus:EventBus pipeline",
    ]);
  });

  it("gives what came of it", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.result), '{"revision":"0001"}');
  });

  const invalid: readonly [property: string, changes: Partial<CanaryArgs>, allowed: string][] = [
    ["percent", { percent: 51 }, "an integer from 1 to 50 (percent of the traffic)"],
    ["percent", { percent: 0 }, "an integer from 1 to 50 (percent of the traffic)"],
    ["minutes", { minutes: 15 }, "an integer from 1 to 14 (minutes)"],
    ["minutes", { minutes: 0.5 }, "an integer from 1 to 14 (minutes)"],
  ];
  for (const [property, changes, allowed] of invalid) {
    it(`refuses ${JSON.stringify(changes)}`, async () => {
      await assert.rejects(make(changes), (error: Error) => {
        assert.match(error.message, /^Canary "api" has 1 problem; it was not created:\n/);
        assert.ok(error.message.includes(`  1. ${property}\n`), error.message);
        assert.ok(error.message.includes(`     allowed:  ${allowed}`), error.message);
        return true;
      });
    });
  }
});
