/**
 * The one place where physical names are made.
 *
 * Everything is called `<project>-<stack>-<name>`, so that stacks never meet in one account and a person sees in any
 * console what belongs to which stack. Logical names, by contrast, never hold the stack: they are a resource's identity.
 */
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The alias of each function that everything invokes. */
export const liveAlias = "live";

/**
 * The name of a resource of any stack in AWS, for what looks at a stack from outside.
 *
 * @param stack for example `dev`
 * @param name what it is, for example `api`
 * @returns for example `student-helper-dev-api`
 */
export function physicalNameIn(project: string, stack: string, name: string): string {
  return `${project}-${stack}-${name}`;
}

/**
 * The name of a resource of this stack in AWS.
 *
 * @param name what it is, for example `api`
 * @returns for example `student-helper-dev-api`
 */
export function physicalName(name: string): string {
  return physicalNameIn(pulumi.getProject(), pulumi.getStack(), name);
}

/** What names all that is this stack's, for example `student-helper-dev`: the namespace of its metrics. */
export function stackName(): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}`;
}

/** The folder of this stack's parameters in Parameter Store, for example `/student-helper/dev`; no slash at its end. */
export function parameterPrefix(): string {
  return `/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/**
 * The parameter of a stack that holds the versions which rollbacks have pinned.
 *
 * @param stack for example `dev`
 */
export function pinsParameterIn(project: string, stack: string): string {
  return `/${project}/${stack}/releases/pinned_versions`;
}

/**
 * The ARN of a function that may not exist yet, put together from that of something in the same account and region.
 *
 * @param neighbourArn ARN of the other resource
 * @param functionName physical name of the function
 */
export function functionArn(neighbourArn: string, functionName: string): string {
  return arnBeside(neighbourArn, "lambda", `function:${functionName}`);
}

/**
 * The ARN of a parameter that may not exist yet, put together from that of something in the same account and region.
 *
 * @param neighbourArn ARN of the other resource
 * @param parameterName name of the parameter, which begins with a slash
 */
export function parameterArn(neighbourArn: string, parameterName: string): string {
  return arnBeside(neighbourArn, "ssm", `parameter${parameterName}`);
}

/**
 * The ARN that all of this stack's alarms match, in the account and region of something else.
 *
 * @param neighbourArn ARN of the other resource
 */
export function alarmArnPattern(neighbourArn: string): string {
  return arnBeside(neighbourArn, "cloudwatch", `alarm:${physicalName("*")}`);
}

/**
 * The ARN of a policy that roles have as their permissions boundary, in the account of another resource.
 *
 * @param neighbourArn ARN of the other resource
 * @param policyName name of the policy; unset: there is none
 */
export function boundaryArn(
  neighbourArn: pulumi.Output<string>,
  policyName: string | undefined,
): pulumi.Output<string> | undefined {
  if (policyName === undefined) return undefined;
  return neighbourArn.apply((arn) => `arn:${arn.split(":")[1]}:iam::${accountOf(arn)}:policy/${policyName}`);
}

function arnBeside(neighbourArn: string, service: string, resource: string): string {
  const [, partition, , region, account] = neighbourArn.split(":");
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** The account that owns a resource, by the resource's ARN. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/**
 * A path of the checkout as a build plugin should see it: relative to the project where that is known (the Pulumi CLI),
 * so that the checkout's place on a disk is no difference between a laptop and CI; absolute where the program runs
 * inline in another process (the Automation API), since plugins are started in a folder of their own there.
 *
 * @param absolutePath a file or folder of the checkout
 */
export function projectPath(absolutePath: string): string {
  const root = pulumi.getRootDirectory();
  // Where there is none, the SDK has a placeholder that is no path.
  if (!path.isAbsolute(root)) return absolutePath;
  return path.relative(root, absolutePath).split(path.sep).join("/");
}
