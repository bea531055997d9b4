import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf } from "../tests/support/pulumi-mocks";
import { CloudAccess, type CloudAccessArgs } from "./cloudAccess";

const args: CloudAccessArgs = {
  project: "student-helper",
  stack: "test",
  region: "eu-central-1",
  protectData: true,
  makesProviders: true,
  github: { repository: "owner/repository", previews: ["pull_request"], deploys: ["environment:test"] },
  pulumiOrganization: "owner",
};

const make = (changes: Partial<CloudAccessArgs> = {}): Promise<Recording<CloudAccess>> =>
  record(() => new CloudAccess("access", { ...args, ...changes }));

interface Trust {
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** Whom a role trusts, by the issuer's name for them. */
function subjects({ inputs }: Recording<CloudAccess>, role: string): unknown[] {
  const statements = statementsOf(inputs("aws:iam/role:Role", role).assumeRolePolicy) as Trust[];
  return statements
    .flatMap(({ Condition }) => Object.values(Condition))
    .flatMap((condition) => Object.entries(condition))
    .flatMap(([key, value]) => (key.endsWith(":sub") ? value : []));
}

// What the roles may do is tested for the cloud stacks: tests/access.test.ts.
describe("CloudAccess", () => {
  it("makes the identity providers of an account, for the audiences that ask", async () => {
    const { inputs } = await make();

    const type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
    assert.deepEqual(inputs(type, "access-github"), {
      url: "https://token.actions.githubusercontent.com",
      clientIdLists: ["sts.amazonaws.com"],
    });
    assert.deepEqual(inputs(type, "access-pulumi"), {
      url: "https://api.pulumi.com/oidc",
      clientIdLists: ["owner"],
    });
  });

  it("trusts the same providers where the account has them", async () => {
    const made = await make();
    const found = await make({ makesProviders: false });

    const trust = ({ inputs }: typeof made): unknown => inputs("aws:iam/role:Role", "access-deploy").assumeRolePolicy;
    assert.equal(trust(found), trust(made));
    assert.deepEqual(
      found.names.filter((name) => name.includes("openIdConnectProvider")),
      [],
    );
  });

  it("knows a repository by its ids, too", async () => {
    const recording = await make({ github: { ...args.github, repository: "owner@1/repository@2" } });

    assert.deepEqual(subjects(recording, "access-preview"), ["repo:owner@1/repository@2:pull_request"]);
    assert.equal(subjects(recording, "access-deploy")[0], "repo:owner@1/repository@2:environment:test");
  });

  it("reads another stack's images where it takes them over, with what tells whether they are fit, and changes nothing of it", async () => {
    const { inputs } = await make({ imagesFrom: "before" });

    const statements = statementsOf(inputs("aws:iam/policy:Policy", "access-read").policy);

    assert.deepEqual(
      statements.filter((statement) => JSON.stringify(statement).includes("before")),
      [
        {
          Sid: "TakeOverImages",
          Effect: "Allow",
          Action: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:DescribeImageScanFindings",
            "ecr:GetDownloadUrlForLayer",
          ],
          Resource: "arn:aws:ecr:eu-central-1:123456789012:repository/student-helper-before-*",
        },
        {
          Sid: "ReadTheirPins",
          Effect: "Allow",
          Action: ["ssm:GetParametersByPath"],
          Resource: "arn:aws:ssm:eu-central-1:123456789012:parameter/student-helper/before/releases*",
        },
      ],
    );
  });

  it("lists all invalid arguments in one error", async () => {
    const wrong = {
      stack: "*",
      stacks: "*",
      region: "Frankfurt",
      github: { repository: "repository", previews: [], deploys: ["repo:owner/repository:*"] },
    };

    await assert.rejects(make(wrong), {
      message: [
        'CloudAccess "access" has 6 problems; it was not created:',
        "  1. stack",
        '     received: "*"',
        "     allowed:  lower-case letters, digits and -",
        '     fix:      correct stack where CloudAccess "access" is made',
        "  2. stacks",
        '     received: "*"',
        "     allowed:  a stack's name, or how those of several begin and *",
        '     fix:      correct stacks where CloudAccess "access" is made',
        "  3. region",
        '     received: "Frankfurt"',
        "     allowed:  an AWS region such as eu-central-1",
        '     fix:      correct region where CloudAccess "access" is made',
        "  4. github.repository",
        '     received: "repository"',
        "     allowed:  owner/repository, or owner@id/repository@id",
        '     fix:      correct github.repository where CloudAccess "access" is made',
        "  5. github.previews",
        "     received: []",
        "     allowed:  at least one subject",
        '     fix:      correct github.previews where CloudAccess "access" is made',
        "  6. github.deploys[0]",
        '     received: "repo:owner/repository:*"',
        "     allowed:  pull_request, environment:NAME or ref:refs/heads/BRANCH",
        '     fix:      correct github.deploys[0] where CloudAccess "access" is made',
      ].join("\n"),
    });
  });
});
