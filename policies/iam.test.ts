import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as iam from "./iam";

const document = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...statement } });
const rolePolicy = (Action: string | string[], Resource: string | string[], more: object = {}): Fixture =>
  resource(aws.iam.RolePolicy, { policy: document({ Action, Resource, ...more }) });
const objects = "arn:aws:s3:::bucket/uploads/*";
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";

testControls(iam, {
  noAdministrator: {
    kept: {
      "what is needed": [rolePolicy("s3:GetObject", objects)],
      "everything denied": [rolePolicy("*", "*", { Effect: "Deny" })],
      "another managed policy": [
        resource(aws.iam.RolePolicyAttachment, { policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
      ],
    },
    broken: {
      everything: { resources: [rolePolicy("*", "*")], problem: "The role may do everything." },
      "everything, by a policy": {
        resources: [resource(aws.iam.Policy, { policy: document({ Action: "*", Resource: "*" }) })],
        problem: "The role may do everything.",
      },
      "everything, by the role": {
        resources: [resource(aws.iam.Role, { inlinePolicies: [{ policy: document({ Action: "*", Resource: "*" }) }] })],
        problem: "The role may do everything.",
      },
      "everything, by an attachment": {
        resources: [resource(aws.iam.RolePolicyAttachment, { policyArn: administrator })],
        problem: `The role has ${administrator}.`,
      },
      "everything, by a managed policy of the role": {
        resources: [resource(aws.iam.Role, { managedPolicyArns: [administrator] })],
        problem: `The role has ${administrator}.`,
      },
    },
  },
  namedActions: {
    kept: {
      "what is needed": [rolePolicy(["s3:GetObject", "s3:PutObject"], objects)],
      "a wildcard that denies": [rolePolicy("ec2:*", "*", { Effect: "Deny" })],
    },
    broken: {
      "all of a service": { resources: [rolePolicy("s3:*", objects)], problem: "The role may s3:*." },
      "all that read": { resources: [rolePolicy(["s3:Get*"], objects)], problem: "The role may s3:Get*." },
      "all but some": {
        resources: [resource(aws.iam.Policy, { policy: document({ NotAction: "iam:*", Resource: objects }) })],
        problem: "The role may *.",
      },
    },
  },
  namedResources: {
    kept: {
      "a wildcard below a name": [rolePolicy("s3:GetObject", objects)],
      "a wildcard that denies": [rolePolicy("s3:GetObject", "*", { Effect: "Deny" })],
    },
    broken: {
      "every resource": {
        resources: [rolePolicy("s3:GetObject", [objects, "*"])],
        problem: "The role may s3:GetObject with every resource.",
      },
      "every resource of a service": {
        resources: [rolePolicy("s3:GetObject", "arn:aws:s3:::*")],
        problem: "The role may s3:GetObject with every resource.",
      },
      "all but some": {
        resources: [
          resource(aws.iam.RolePolicy, { policy: document({ Action: "s3:GetObject", NotResource: objects }) }),
        ],
        problem: "The role may s3:GetObject with every resource.",
      },
    },
  },
});
