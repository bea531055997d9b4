import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as tags from "./tags";

const queue = (name: string, defaultTags?: Record<string, string>): Fixture =>
  resource(aws.sqs.Queue, {}, { name, defaultTags });

testControls(tags, {
  costs: {
    kept: {
      "a provider with the tags": [queue("q", { project: "p", stack: "dev", "managed-by": "pulumi", team: "t" })],
    },
    broken: {
      "a provider without, once for all of its resources": {
        resources: [queue("q"), queue("r")],
        problem: "Resources lack the tags project, stack, managed-by.",
      },
      "a provider that lacks one": {
        resources: [queue("q", { project: "p", "managed-by": "pulumi" })],
        problem: "Resources lack the tags stack.",
      },
    },
  },
});
