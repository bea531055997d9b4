import * as aws from "@pulumi/aws";
import { type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as ecr from "./ecr";

const repository = (props: Record<string, unknown>): Fixture => resource(aws.ecr.Repository, props);

testControls(ecr, {
  scanOnPush: {
    kept: { "scanning on push": [repository({ imageScanningConfiguration: { scanOnPush: true } })] },
    broken: {
      "scanning never": {
        resources: [repository({ imageScanningConfiguration: { scanOnPush: false } })],
        problem: "Images are not scanned.",
      },
      "scanning as by default": { resources: [repository({})], problem: "Images are not scanned." },
    },
  },
  immutableTags: {
    kept: { "immutable tags": [repository({ imageTagMutability: "IMMUTABLE" })] },
    broken: {
      "tags as by default": { resources: [repository({})], problem: "Tags can be moved to other images." },
      "mutable tags": {
        resources: [repository({ imageTagMutability: "MUTABLE" })],
        problem: "Tags can be moved to other images.",
      },
    },
  },
  lifecycle: {
    kept: {
      "a lifecycle policy": [
        repository({}),
        resource(aws.ecr.LifecyclePolicy, {}, { references: { repository: [key(repository({}))] } }),
      ],
    },
    broken: {
      "that of another repository": {
        resources: [repository({}), resource(aws.ecr.LifecyclePolicy, {})],
        problem: "Images are kept, and paid for, forever.",
      },
    },
  },
});
