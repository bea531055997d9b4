import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { EventBus } from "../components";
import { record } from "./support/pulumi-mocks";

describe("the mocks", () => {
  it("fail a test that makes a resource of a type they do not know", async () => {
    await assert.rejects(
      record(() => new aws.kinesis.Stream("stream")),
      { message: 'The mocks do not know a resource of type aws:kinesis/stream:Stream, "stream".' },
    );
  });

  it("tell what a resource waits for, be it a part of what was named", async () => {
    const { dependencies } = await record(() => {
      const bus = new EventBus("pipeline");
      return new aws.sqs.Queue("queue", {}, { dependsOn: bus });
    });

    assert.deepEqual(dependencies("aws:sqs/queue:Queue", "queue"), ["aws:cloudwatch/eventBus:EventBus pipeline"]);
  });

  it("fail a test that makes a call they do not know", async () => {
    await assert.rejects(
      record(() => aws.getRegionOutput()),
      { message: "The mocks do not know a call of aws:index/getRegion:getRegion." },
    );
  });
});
