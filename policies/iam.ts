import * as aws from "@pulumi/aws";
import { onEach, type Report, type ResourceCheck, type ResourceControl } from "./control";
import { type Statement, statementsOf } from "./documents";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html";
const leastPrivilege = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege";

/** A check of each statement that allows something, wherever a policy of a role is written. */
function onEachAllowance(check: (statement: Statement, report: Report) => void): ResourceCheck[] {
  const checkDocument = (document: unknown, report: Report): void => {
    for (const statement of statementsOf(document)) if (statement.allows) check(statement, report);
  };
  return [
    onEach(aws.iam.RolePolicy, ({ policy }, report) => checkDocument(policy, report)),
    onEach(aws.iam.Policy, ({ policy }, report) => checkDocument(policy, report)),
    onEach(aws.iam.Role, ({ inlinePolicies = [] }, report) => {
      for (const { policy } of inlinePolicies) if (policy !== undefined) checkDocument(policy, report);
    }),
  ];
}

const everything = /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*)$/;

function reportAdministrator(policyArn: string, report: Report): void {
  if (/\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(policyArn)) report(`The role has ${policyArn}.`);
}

export const noAdministrator: ResourceControl = {
  id: "IAM.1",
  description: "No role may do everything.",
  remediation: "Name the actions and resources that it needs.",
  url: `${url}#iam-1`,
  checks: [
    ...onEachAllowance(({ sid, actions, resources }, report) => {
      if (actions.includes("*") && resources.includes("*")) report("The role may do everything.", sid);
    }),
    onEach(aws.iam.RolePolicyAttachment, ({ policyArn }, report) => reportAdministrator(policyArn, report)),
    onEach(aws.iam.Role, ({ managedPolicyArns = [] }, report) => {
      for (const policyArn of managedPolicyArns) reportAdministrator(policyArn, report);
    }),
  ],
};

export const namedActions: ResourceControl = {
  id: "IAM.21",
  description: "Actions are named, without wildcards.",
  remediation: "Name the actions that are needed.",
  url: `${url}#iam-21`,
  checks: onEachAllowance(({ sid, actions }, report) => {
    for (const action of actions) if (action.includes("*")) report(`The role may ${action}.`, sid);
  }),
};

export const namedResources: ResourceControl = {
  id: "IAM.Resources",
  description: "Resources are named; a wildcard may only end a name.",
  remediation: "Name the resources that are needed.",
  url: leastPrivilege,
  checks: onEachAllowance(({ sid, actions, resources }, report) => {
    if (resources.some((resource) => everything.test(resource))) {
      report(`The role may ${actions.join(", ")} with every resource.`, sid);
    }
  }),
};
