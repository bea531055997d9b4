import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record, valueOf } from "../tests/support/pulumi-mocks";
import { EventBus } from "./eventBus";

describe("EventBus", () => {
  it("is a bus of the stack's own", async () => {
    const { names, inputs, result } = await record(() => new EventBus("pipeline"));

    assert.deepEqual(names, ["aws:cloudwatch/eventBus:EventBus pipeline"]);
    assert.deepEqual(inputs("aws:cloudwatch/eventBus:EventBus", "pipeline"), { name: "student-helper-test-pipeline" });
    assert.equal(await valueOf(result.busName), "student-helper-test-pipeline");
    assert.equal(
      await valueOf(result.arn),
      "arn:aws:events:eu-central-1:123456789012:event-bus/student-helper-test-pipeline",
    );
  });

  it("knows its own events by source and type", async () => {
    const { result } = await record(() => new EventBus("pipeline"));

    const { busName, pattern } = result.events(["ImageProcessed", "DocumentProcessed"]);

    assert.equal(await valueOf(pulumi.output(busName)), "student-helper-test-pipeline");
    assert.deepEqual(pattern, {
      source: ["student-helper"],
      "detail-type": ["ImageProcessed", "DocumentProcessed"],
    });
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      record(() => new EventBus("the-bus-of-the-whole-pipeline")),
      /EventBus "the-bus-of-the-whole-pipeline" has 1 problem;[^]*a lower-case letter, then up to 23 of/,
    );
  });
});
