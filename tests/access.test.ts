/** Who may deploy which stack, and whether that is enough: access/ for every cloud stack, against what the program makes. */
import * as assert from "node:assert/strict";
import { deployableTypes } from "../components/internal/accessStatements";
import { covers, statementsOf, type Statement } from "../policies/documents";
import { read } from "./support/automation";
import { type AccessOutputs, deployer, type Outputs, recordingOf, runAccess, stacks } from "./support/program";
import { type Recording, statementsOf as written, valueOf } from "./support/pulumi-mocks";

const github = "token.actions.githubusercontent.com";
const { repository, pulumiOrganization } = deployer;
const providers = "arn:aws:iam::123456789012:oidc-provider";

/** Jobs that preview and deploy a stack, by the end of their subject; and the stacks that Pulumi Cloud deploys so. */
const expected: Readonly<Record<string, { previews: string[]; deploys: string[]; stacks: string }>> = {
  dev: { previews: ["pull_request", "ref:refs/heads/main"], deploys: ["ref:refs/heads/main"], stacks: "dev" },
  staging: { previews: ["ref:refs/heads/main"], deploys: ["environment:staging"], stacks: "staging" },
  prod: { previews: ["ref:refs/heads/main"], deploys: ["environment:prod"], stacks: "prod" },
  pr: {
    previews: ["ref:refs/heads/main"],
    deploys: ["environment:review", "ref:refs/heads/main"],
    stacks: "pr-*",
  },
};

const githubAssumes = (subjects: readonly string[]): object => ({
  Sid: "GithubAssumes",
  Effect: "Allow",
  Principal: { Federated: `${providers}/${github}` },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: {
      [`${github}:aud`]: "sts.amazonaws.com",
      [`${github}:sub`]: subjects.map((subject) => `repo:${repository}:${subject}`),
    },
  },
});
const pulumiAssumes = (of: string): object => ({
  Sid: "PulumiAssumes",
  Effect: "Allow",
  Principal: { Federated: `${providers}/api.pulumi.com/oidc` },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: { "api.pulumi.com/oidc:aud": pulumiOrganization },
    StringLike: {
      "api.pulumi.com/oidc:sub": ["preview", "update", "refresh", "destroy"].map(
        (operation) =>
          `pulumi:deploy:org:${pulumiOrganization}:project:student-helper:stack:${of}:operation:${operation}:scope:write`,
      ),
    },
  },
});

/** How what EC2 tags while it makes it is made. */
const createActions = [
  "AllocateAddress",
  "CreateInternetGateway",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
  "CreateVpcEndpoint",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
];

/** The most characters of IAM; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
const managedPolicySize = 6144;
const inlinePolicySize = 10240;

/** Actions that may be allowed although they are not named after reading. */
const alsoReads = ["apigateway:GET", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"];

/** Whether a statement names everything that another one does. */
function allows(granted: Statement, action: string, resource: string): boolean {
  return (
    granted.allows &&
    granted.actions.some((each) => covers(each, action)) &&
    granted.resources.some((each) => covers(each, resource))
  );
}

describe("access", () => {
  it("trusts nobody whom the one who applies it has not named", () => {
    const { config } = read<{ config: Record<string, { readonly default?: unknown }> }>("access/Pulumi.yaml");

    for (const key of Object.keys(deployer)) {
      assert.ok(config[key], key);
      assert.equal(config[key].default, undefined, key);
    }
  });

  for (const stack of stacks.filter((each) => each !== "local")) {
    describe(`to ${stack}`, () => {
      let access: Recording<AccessOutputs>;
      let program: Recording<Outputs>;
      before(async () => {
        access = await runAccess(stack);
        program = await recordingOf(stack);
      });
      const policy = (name: string): unknown => access.inputs("aws:iam/policy:Policy", `access-${name}`).policy;
      const change = (): unknown => access.inputs("aws:iam/rolePolicy:RolePolicy", "access-deploy").policy;
      const role = (name: string): Readonly<Record<string, unknown>> =>
        access.inputs("aws:iam/role:Role", `access-${name}`);

      it("is by two roles, of which the deploy role lasts as long as deployments ask for", async () => {
        const { names, result } = access;

        const own = names.filter((name) => !name.includes("openIdConnectProvider"));

        assert.deepEqual(own, [
          "aws:iam/policy:Policy access-boundary",
          "aws:iam/policy:Policy access-describe",
          "aws:iam/policy:Policy access-network",
          "aws:iam/policy:Policy access-read",
          "aws:iam/role:Role access-deploy",
          "aws:iam/role:Role access-preview",
          "aws:iam/rolePolicy:RolePolicy access-deploy",
          ...["deploy-describe", "deploy-network", "deploy-read", "preview-describe", "preview-read"].map(
            (name) => `aws:iam/rolePolicyAttachment:RolePolicyAttachment access-${name}`,
          ),
        ]);
        assert.equal(role("preview").name, `student-helper-${stack}-preview`);
        assert.equal(role("deploy").name, `student-helper-${stack}-deploy`);
        assert.equal(role("deploy").maxSessionDuration, 7200);
        assert.equal(await valueOf(result.permissionsBoundary), `student-helper-${stack}-boundary`);
      });

      it("is of exactly these jobs and deployments", () => {
        const { previews, deploys, stacks: deployed } = expected[stack]!;

        assert.deepEqual(written(role("preview").assumeRolePolicy), [githubAssumes(previews)]);
        assert.deepEqual(written(role("deploy").assumeRolePolicy), [githubAssumes(deploys), pulumiAssumes(deployed)]);
      });

      it("gives each role its policies", () => {
        const { resources } = access;

        const attached = resources
          .filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
          .map(({ inputs }) => `${String(inputs.role)} ${String(inputs.policyArn).split("/")[1]}`);

        const name = `student-helper-${stack}`;
        assert.deepEqual(attached, [
          `${name}-preview ${name}-read`,
          `${name}-preview ${name}-describe`,
          `${name}-deploy ${name}-read`,
          `${name}-deploy ${name}-describe`,
          `${name}-deploy ${name}-network`,
        ]);
      });

      it("makes the account's identity providers in dev, and finds them in the others", () => {
        const { names } = access;

        const made = names.filter((name) => name.includes("openIdConnectProvider"));

        assert.equal(made.length, stack === "dev" ? 2 : 0);
      });

      it("changes nothing in previews, and reads no object, item or user", () => {
        const granted = [...statementsOf(policy("read")), ...statementsOf(policy("describe"))];

        const others = granted
          .flatMap(({ actions }) => actions)
          .filter((action) => !/:(Describe|Get|List)/.test(action) && !alsoReads.includes(action));
        const content = ["s3:GetObject", "dynamodb:GetItem", "dynamodb:Scan", "cognito-idp:ListUsers"].filter(
          (action) => granted.some(({ actions }) => actions.includes(action)),
        );

        assert.deepEqual(others, []);
        assert.deepEqual(content, []);
      });

      it("may look for a database among all, as the provider does not ask for it by name", () => {
        const granted = [...statementsOf(policy("read")), ...statementsOf(policy("describe"))];

        const looking = granted.filter(({ actions }) => actions.includes("rds:DescribeDBInstances"));

        assert.deepEqual(
          looking.map(({ sid, resources }) => [sid, resources]),
          [["DescribeAll", ["*"]]],
        );
      });

      it("reaches no other stack's secrets", () => {
        const granted = [...statementsOf(policy("read")), ...statementsOf(change())];

        const secrets = granted.filter(({ sid }) => /(Parameters|Secrets)$/.test(sid ?? ""));

        const { stacks: own } = expected[stack]!;
        assert.deepEqual(secrets.map(({ sid, resources }) => `${sid} ${resources.join(" ")}`).sort(), [
          `ChangeParameters arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/${own}/*`,
          `ChangeSecrets arn:aws:secretsmanager:eu-central-1:123456789012:secret:student-helper-${own}-*`,
          `ReadParameters arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/${own}/*`,
          `ReadSecrets arn:aws:secretsmanager:eu-central-1:123456789012:secret:student-helper-${own}-*`,
        ]);
      });

      it("changes nothing that bears another stack's tag where an ARN does not name the stack", () => {
        const ofNoOther = { StringEqualsIfExists: { "aws:ResourceTag/stack": stack } };

        const anybodys = [...statementsOf(policy("network")), ...statementsOf(change())]
          .filter(({ allows, resources }) => allows && !resources.every((each) => each.includes("student-helper")))
          .map(({ sid, condition }) => [sid, condition]);

        assert.deepEqual(Object.fromEntries(anybodys), {
          CreateNetwork: ofNoOther,
          CreateNetworkRules: undefined, // The rules of a group that has the stack's tag: see ChangeNetwork.
          TagNewNetwork: { StringEquals: { "ec2:CreateAction": createActions } },
          ChangeNetwork: { StringEquals: { "aws:ResourceTag/stack": stack } },
          AdoptDefaults: {
            StringEquals: { "aws:RequestTag/stack": stack },
            Null: { "aws:ResourceTag/stack": "true" },
          },
          ClearSubnets: { Null: { "aws:ResourceTag/stack": "true" } },
          ChangeApis: ofNoOther,
          ChangeDatabases: undefined, // The default option group beside what is named after the stack.
          ChangeDatabaseProxies: ofNoOther,
          ChangeUserPools: { StringEquals: { "aws:ResourceTag/stack": stack } },
          CreateUserPools: { StringEquals: { "aws:RequestTag/stack": stack } },
          CreateDatabaseProxies: { StringEquals: { "aws:RequestTag/stack": stack } },
          ChangeEventSources: {
            ArnLike: {
              "lambda:FunctionArn": `arn:aws:lambda:eu-central-1:123456789012:function:student-helper-${expected[stack]!.stacks}-*`,
            },
          },
          TagEventSources: ofNoOther,
          CreateServiceLinkedRoles: undefined, // Roles of AWS's own.
          DeliverAccessLogs: undefined, // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
        });
      });

      it("tags an API while it makes it, which AWS asks for by the ARN of its tags, and no REST API", () => {
        const granted = statementsOf(change());
        const tags = "arn:aws:apigateway:eu-central-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-central-1%3A%3A%2F";

        const tagging = ["v2%2Fapis%2F*", "v2%2Fapis%2Fabc%2Fstages%2F%24default", "restapis%2F*"].map((of) =>
          granted.some((each) => allows(each, "apigateway:POST", `${tags}${of}`)),
        );

        assert.deepEqual(tagging, [true, true, false]);
      });

      it("makes a database's proxy, which has no ARN before, with every resource", () => {
        const making = statementsOf(change()).filter(({ actions }) => actions.includes("rds:CreateDBProxy"));

        assert.deepEqual(
          making.map(({ sid, resources }) => [sid, resources]),
          [["CreateDatabaseProxies", ["*"]]],
        );
      });

      it("makes bounded roles only, passes them to services of the program, and leaves its own alone", () => {
        const own = `arn:aws:iam::123456789012:role/student-helper-${expected[stack]!.stacks}-*`;

        const statements = (written(change()) as Record<string, unknown>[]).filter(({ Action }) =>
          [Action].flat().some((action) => String(action).startsWith("iam:")),
        );

        assert.deepEqual(statements, [
          {
            Sid: "BoundRoles",
            Effect: "Allow",
            Action: ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
            Resource: own,
            Condition: {
              StringEquals: {
                "iam:PermissionsBoundary": `arn:aws:iam::123456789012:policy/student-helper-${stack}-boundary`,
              },
            },
          },
          {
            Sid: "ChangeRoles",
            Effect: "Allow",
            Action: [
              "iam:DeleteRole",
              "iam:TagRole",
              "iam:UntagRole",
              "iam:UpdateAssumeRolePolicy",
              "iam:UpdateRole",
              "iam:UpdateRoleDescription",
            ],
            Resource: own,
          },
          {
            Sid: "PassRoles",
            Effect: "Allow",
            Action: ["iam:PassRole"],
            Resource: own,
            Condition: {
              StringEquals: {
                "iam:PassedToService": ["lambda.amazonaws.com", "rds.amazonaws.com", "scheduler.amazonaws.com"],
              },
            },
          },
          {
            Sid: "CreateServiceLinkedRoles",
            Effect: "Allow",
            Action: ["iam:CreateServiceLinkedRole"],
            Resource: [
              "arn:aws:iam::123456789012:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway",
              "arn:aws:iam::123456789012:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
            ],
          },
          {
            Sid: "KeepOwnRoles",
            Effect: "Deny",
            Action: "iam:*",
            Resource: ["preview", "deploy"].map(
              (name) => `arn:aws:iam::123456789012:role/student-helper-${stack}-${name}`,
            ),
          },
        ]);
      });

      it("deletes network interfaces of no stack, as Lambda leaves them behind, and detaches none", () => {
        const granted = [...statementsOf(policy("network")), ...statementsOf(change())];

        const interfaces = granted.filter(({ actions }) => actions.some((action) => /NetworkInterface/.test(action)));

        assert.deepEqual(
          interfaces.map(({ actions, resources, condition }) => ({ actions, resources, condition })),
          [
            {
              actions: ["ec2:DeleteNetworkInterface"],
              resources: ["arn:aws:ec2:eu-central-1:123456789012:network-interface/*"],
              condition: { Null: { "aws:ResourceTag/stack": "true" } },
            },
          ],
        );
      });

      it("deletes what holds data where the stack does not protect it, and nowhere else", () => {
        const isProtected = program.inputs("aws:rds/instance:Instance", "database").deletionProtection === true;

        const deleting = statementsOf(change())
          .flatMap(({ actions }) => actions)
          .filter((action) =>
            /:(Delete(Bucket|DBInstance|Object|Repository|Table|UserPool)|BatchDeleteImage)$/.test(action),
          );

        assert.deepEqual(
          deleting.sort(),
          isProtected
            ? []
            : [
                "cognito-idp:DeleteUserPool",
                "dynamodb:DeleteTable",
                "ecr:BatchDeleteImage",
                "ecr:DeleteRepository",
                "rds:DeleteDBInstance",
                "s3:DeleteBucket",
                "s3:DeleteObject",
              ],
        );
      });

      it("is enough for every type of resource that the program makes", () => {
        const { resources } = program;

        const missing = new Set(resources.map(({ type }) => type).filter((type) => !deployableTypes.has(type)));

        assert.deepEqual(
          [...missing],
          [],
          "components/internal/stackPermissions.ts must have these types and their actions",
        );
      });

      it("bounds no role below what the program gives it", () => {
        const { resources } = program;
        const bounds = statementsOf(policy("boundary"));
        const { stacks: own } = expected[stack]!;

        const refused = resources
          .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
          .flatMap(({ inputs }) => statementsOf(inputs.policy))
          .filter((statement) => statement.allows)
          .flatMap(({ actions, resources: on }) => actions.flatMap((action) => on.map((each) => ({ action, each }))))
          // A review stack has a number in the place of the template's name.
          .map(({ action, each }) => ({
            action,
            each: own === "pr-*" ? each.replace(/(student-helper.pr)/, "$1-12") : each,
          }))
          .filter(({ action, each }) => !bounds.some((bound) => allows(bound, action, each)))
          .map(({ action, each }) => `${action} ${each}`);

        assert.deepEqual([...new Set(refused)], [], "components/internal/accessStatements.ts: boundaryStatements");
      });

      it("bounds decryption to what Parameter Store and Secrets Manager decrypt for a role", () => {
        const bounds = written(policy("boundary")) as Record<string, unknown>[];

        const decrypting = bounds.filter(({ Action }) =>
          [Action].flat().some((action) => String(action).startsWith("kms:")),
        );

        assert.deepEqual(decrypting, [
          {
            Sid: "DecryptSecrets",
            Effect: "Allow",
            Action: ["kms:Decrypt"],
            Resource: "arn:aws:kms:eu-central-1:123456789012:key/*",
            Condition: {
              StringEquals: {
                "kms:ViaService": ["secretsmanager.eu-central-1.amazonaws.com", "ssm.eu-central-1.amazonaws.com"],
              },
            },
          },
        ]);
      });

      it("keeps within IAM's sizes", () => {
        for (const name of ["boundary", "describe", "network", "read"]) {
          const { length } = String(policy(name));
          assert.ok(length <= managedPolicySize, `${name}: ${length} of ${managedPolicySize} characters; split it`);
        }
        const { length } = String(change());
        assert.ok(length <= inlinePolicySize, `deploy: ${length} of ${inlinePolicySize} characters; split it`);
      });
    });
  }
});
