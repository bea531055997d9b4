import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  boundaryStatements,
  changeStatements,
  describeStatements,
  networkStatements,
  readStatements,
  type StackScope,
} from "./internal/accessStatements";
import { region } from "./internal/limits";
import { accountOf } from "./internal/naming";
import { policyDocument, type Statement } from "./internal/statements";
import { checkArguments, textLike } from "./internal/validation";

/** Arguments of {@link CloudAccess}. */
export interface CloudAccessArgs {
  /** Project whose stack is deployed, such as `student-helper`. */
  readonly project: string;
  /** The stack, such as `dev`; the roles are called `<project>-<stack>-preview` and `-deploy`. */
  readonly stack: string;
  /**
   * Names of the stacks that are deployed, if they are many: `pr-*`.
   *
   * @default the stack alone
   */
  readonly stacks?: string;
  /**
   * The stack whose images this one takes over.
   *
   * @default none: it builds its own
   */
  readonly imagesFrom?: string;
  /** Region of the stack. */
  readonly region: string;
  /** Whether the deploy role may not delete what holds data. */
  readonly protectData: boolean;
  /**
   * Whether the identity providers are made here: an account has one of each, which its other stacks look up.
   */
  readonly makesProviders: boolean;
  /** Who of GitHub's workflows may assume the roles. */
  readonly github: {
    /**
     * `owner/repository`; `owner@1/repository@2` with their ids for one that was made after 15 July 2026 or has chosen
     * immutable subjects (https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims).
     */
    readonly repository: string;
    /** What a job's subject has behind the repository where it may preview, such as `pull_request`. */
    readonly previews: readonly string[];
    /**
     * The same where it may deploy: `ref:refs/heads/main`, or an environment that has reviewers, such as
     * `environment:prod`; for a workflow of any branch may name an environment.
     */
    readonly deploys: readonly string[];
  };
  /** Organization at Pulumi Cloud whose deployments of the stack may deploy. */
  readonly pulumiOrganization: string;
}

const name = textLike(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and -");
// https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
const subjects = z
  .array(
    textLike(
      /^(pull_request|environment:[\w-]+|ref:refs\/heads\/[\w./-]+)$/,
      "pull_request, environment:NAME or ref:refs/heads/BRANCH",
    ),
  )
  .min(1, { error: "at least one subject" });
const rules = z.object({
  project: name,
  stack: name,
  stacks: textLike(/^[a-z][a-z0-9-]*\*?$/, "a stack's name, or how those of several begin and *").optional(),
  imagesFrom: name.optional(),
  region,
  protectData: z.boolean({ error: "true or false" }),
  makesProviders: z.boolean({ error: "true or false" }),
  github: z.object({
    repository: textLike(/^[\w.-]+(@\d+)?\/[\w.-]+(@\d+)?$/, "owner/repository, or owner@id/repository@id"),
    previews: subjects,
    deploys: subjects,
  }),
  pulumiOrganization: name,
});

const githubIssuer = "token.actions.githubusercontent.com";
/** What aws-actions/configure-aws-credentials asks a token for. */
const githubAudience = "sts.amazonaws.com";
const pulumiIssuer = "api.pulumi.com/oidc";

/** How long a deployment may take, in seconds: as its credentials are asked for in workflows and deployment settings. */
const deploySeconds = 7200;

/** All that Pulumi Cloud deploys; https://www.pulumi.com/docs/deployments/guides/oidc/#custom-claims. */
const operations = ["preview", "update", "refresh", "destroy"];

/**
 * How those who deploy a stack without a key sign in: GitHub's workflows and Pulumi Cloud by OpenID Connect, each to a
 * role that trusts exactly them.
 *
 * - `<project>-<stack>-preview` may read what a preview and a refresh need, and change nothing.
 * - `<project>-<stack>-deploy` may also change resources that have the stack's name or, where there are no names, its tag;
 *   and what AWS gives neither, whosever it is in the account: routes, integrations, authorizers and tags of HTTP APIs,
 *   default target groups of database proxies, CloudWatch's resource policies, and security groups that bear no stack's tag.
 * - The policy `<project>-<stack>-boundary` is the most that the roles of the stack's own resources may do: the deploy role
 *   can make no role without it.
 *
 * @example
 * new CloudAccess("access", {
 *   project: "student-helper",
 *   stack: "dev",
 *   region: "eu-central-1",
 *   protectData: false,
 *   makesProviders: true,
 *   github: { repository: "owner/repository", previews: ["pull_request"], deploys: ["ref:refs/heads/main"] },
 *   pulumiOrganization: "owner",
 * });
 */
export class CloudAccess extends pulumi.ComponentResource {
  /** ARN of the role that may read. */
  readonly previewRoleArn: pulumi.Output<string>;
  /** ARN of the role that may change. */
  readonly deployRoleArn: pulumi.Output<string>;
  /** Name of the policy that bounds the stack's roles. */
  readonly boundaryName: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: CloudAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:access:CloudAccess", name, {}, opts);
    checkArguments(this, name, rules, args);
    const parent = { parent: this };
    const { project, stack, stacks = stack } = args;
    const named = (what: string): string => `${project}-${stack}-${what}`;

    const githubArn = providerArn(this, `${name}-github`, githubIssuer, githubAudience, args.makesProviders);
    const pulumiArn = providerArn(this, `${name}-pulumi`, pulumiIssuer, args.pulumiOrganization, args.makesProviders);
    const scope = githubArn.apply((arn) => scopeOf(arn, { ...args, stacks }));

    const policy = (what: string, description: string, statements: (own: StackScope) => Statement[]): aws.iam.Policy =>
      new aws.iam.Policy(
        `${name}-${what}`,
        { name: named(what), description, policy: scope.apply((own) => policyDocument(statements(own))) },
        parent,
      );
    const boundary = policy("boundary", "The most that roles of the stack's resources may do", boundaryStatements);
    const read = policy("read", "What previews of the stack read", readStatements);
    const describe = policy("describe", "What previews read of everything", describeStatements);
    const network = policy("network", "What updates change of the network", networkStatements);
    const preview = new aws.iam.Role(
      `${name}-preview`,
      {
        name: named("preview"),
        description: "Previews the stack, and changes nothing",
        assumeRolePolicy: policyDocument([githubAssumes(githubArn, args.github.repository, args.github.previews)]),
      },
      parent,
    );
    const deploy = new aws.iam.Role(
      `${name}-deploy`,
      {
        name: named("deploy"),
        description: "Deploys the stack",
        maxSessionDuration: deploySeconds,
        assumeRolePolicy: policyDocument([
          githubAssumes(githubArn, args.github.repository, args.github.deploys),
          pulumiAssumes(pulumiArn, args.pulumiOrganization, project, stacks),
        ]),
      },
      parent,
    );
    const attach = (what: string, role: aws.iam.Role, attached: aws.iam.Policy): aws.iam.RolePolicyAttachment =>
      new aws.iam.RolePolicyAttachment(`${name}-${what}`, { role: role.name, policyArn: attached.arn }, parent);
    attach("preview-read", preview, read);
    attach("preview-describe", preview, describe);
    attach("deploy-read", deploy, read);
    attach("deploy-describe", deploy, describe);
    attach("deploy-network", deploy, network);
    new aws.iam.RolePolicy(
      `${name}-deploy`,
      {
        name: "change",
        role: deploy.name,
        policy: pulumi
          .all([scope, boundary.arn])
          .apply(([own, boundaryArn]) =>
            policyDocument(changeStatements(own, boundaryArn, ["preview", "deploy"].map(named), args.protectData)),
          ),
      },
      parent,
    );

    this.previewRoleArn = preview.arn;
    this.deployRoleArn = deploy.arn;
    this.boundaryName = boundary.name;
    this.registerOutputs({ previewRoleArn: this.previewRoleArn, deployRoleArn: this.deployRoleArn });
  }
}

/** The ARN of an identity provider: of one that is made, or of the one that the account has. */
function providerArn(
  parent: pulumi.Resource,
  name: string,
  issuer: string,
  audience: string,
  make: boolean,
): pulumi.Output<string> {
  const url = `https://${issuer}`;
  if (!make) return aws.iam.getOpenIdConnectProviderOutput({ url }, { parent }).arn;
  return new aws.iam.OpenIdConnectProvider(name, { url, clientIdLists: [audience] }, { parent }).arn;
}

function scopeOf(arn: string, args: Omit<StackScope, "partition" | "account">): StackScope {
  const { region, project, stack, stacks, imagesFrom } = args;
  return { partition: arn.split(":")[1] ?? "", account: accountOf(arn), region, project, stack, stacks, imagesFrom };
}

function githubAssumes(arn: pulumi.Output<string>, repository: string, contexts: readonly string[]): Statement {
  return {
    Sid: "GithubAssumes",
    Effect: "Allow",
    Principal: { Federated: arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${githubIssuer}:aud`]: githubAudience,
        [`${githubIssuer}:sub`]: contexts.map((context) => `repo:${repository}:${context}`),
      },
    },
  };
}

function pulumiAssumes(arn: pulumi.Output<string>, organization: string, project: string, stacks: string): Statement {
  const of = `pulumi:deploy:org:${organization}:project:${project}:stack:${stacks}`;
  return {
    Sid: "PulumiAssumes",
    Effect: "Allow",
    Principal: { Federated: arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { [`${pulumiIssuer}:aud`]: organization },
      // Without a wildcard in the stacks the same as StringEquals.
      StringLike: {
        [`${pulumiIssuer}:sub`]: operations.map((operation) => `${of}:operation:${operation}:scope:write`),
      },
    },
  };
}
