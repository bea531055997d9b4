import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { record } from "./support/pulumi-mocks";

describe("the mocks", () => {
  it("fail a test that makes a resource of a type they do not know", async () => {
    await assert.rejects(
      record(() => new aws.sqs.Queue("queue")),
      { message: 'The mocks do not know a resource of type aws:sqs/queue:Queue, "queue".' },
    );
  });

  it("fail a test that makes a call they do not know", async () => {
    await assert.rejects(
      record(() => aws.getRegionOutput()),
      { message: "The mocks do not know a call of aws:index/getRegion:getRegion." },
    );
  });
});
