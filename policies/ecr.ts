import * as aws from "@pulumi/aws";
import { onEach, onEachInStack, type ResourceControl, type StackControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html";

export const scanOnPush: ResourceControl = {
  id: "ECR.1",
  description: "Images are scanned when they are pushed.",
  remediation: "Set imageScanningConfiguration.scanOnPush.",
  url: `${url}#ecr-1`,
  checks: [
    onEach(aws.ecr.Repository, ({ imageScanningConfiguration }, report) => {
      if (imageScanningConfiguration?.scanOnPush !== true) report("Images are not scanned.");
    }),
  ],
};

export const immutableTags: ResourceControl = {
  id: "ECR.2",
  description: "A tag stays with its image.",
  remediation: 'Set imageTagMutability to "IMMUTABLE".',
  url: `${url}#ecr-2`,
  checks: [
    onEach(aws.ecr.Repository, ({ imageTagMutability }, report) => {
      if (imageTagMutability !== "IMMUTABLE") report("Tags can be moved to other images.");
    }),
  ],
};

export const lifecycle: StackControl = {
  id: "ECR.3",
  description: "A repository has a lifecycle policy.",
  remediation: "Make an aws.ecr.LifecyclePolicy for it.",
  url: `${url}#ecr-3`,
  checkStack: onEachInStack(aws.ecr.Repository, (repository, report, stack) => {
    if (stack.referring(aws.ecr.LifecyclePolicy, "repository", repository).length === 0) {
      report("Images are kept, and paid for, forever.");
    }
  }),
};
