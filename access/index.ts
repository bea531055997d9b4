/**
 * Who may deploy the stack of this stack's name, and may do what in AWS. Somebody with administrator rights applies it once
 * for each stack, and when a new kind of resource needs more: `pulumi up --cwd access -s student-helper/dev`.
 */
import * as pulumi from "@pulumi/pulumi";
import { CloudAccess } from "../components/cloudAccess";

const config = new pulumi.Config();
const stack = pulumi.getStack();

const access = new CloudAccess("access", {
  project: "student-helper",
  stack,
  stacks: config.get("stacks") || undefined,
  imagesFrom: config.get("imagesFrom") || undefined,
  region: new pulumi.Config("aws").require("region"),
  protectData: config.requireBoolean("protectData"),
  makesProviders: config.requireBoolean("makesProviders"),
  github: {
    repository: config.require("repository"),
    previews: config.requireObject("previews"),
    deploys: config.requireObject("deploys"),
  },
  pulumiOrganization: config.require("pulumiOrganization"),
});

export const previewRoleArn = access.previewRoleArn;
export const deployRoleArn = access.deployRoleArn;
export const permissionsBoundary = access.boundaryName;
