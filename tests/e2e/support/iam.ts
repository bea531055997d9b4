import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { RoleCredentials } from "./function-role";
import { theTarget } from "./target";

/** Names of errors that say of a request that it was allowed: what it asks for is not there. */
const allowedInVain = /NotFound|NoSuch|ConditionalCheckFailed/;

/**
 * Whether a request was allowed: it may fail for want of what it asks for, but not be denied.
 *
 * @throws what it failed for otherwise
 */
export async function isAllowed(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (/^AccessDenied|^AuthorizationError|^UnauthorizedOperation/.test(name)) return false;
    if (allowedInVain.test(name)) return true;
    throw error;
  }
}

/** The names whose requests were allowed, sorted. */
export async function allowed(requests: Readonly<Record<string, () => Promise<unknown>>>): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(requests).map(async ([name, request]) => [name, await isAllowed(request())] as const),
  );
  return answers
    .filter(([, isSo]) => isSo)
    .map(([name]) => name)
    .sort();
}

/** Trust in whoever of this account is allowed to take on roles. */
const trustInAccount = (): string => {
  const [, , , , account] = theTarget().alarmTopicArn.split(":");
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
  });
};

/** Makes a role that whoever of the account is allowed to may take on, and then do what these policies say. */
export async function createOpenRole(RoleName: string, policies: Readonly<Record<string, string>>): Promise<string> {
  const iam = new IAMClient(theTarget().aws);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustInAccount() }));
  for (const [PolicyName, PolicyDocument] of Object.entries(policies)) {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  return Role!.Arn!;
}

export async function deleteRole(RoleName: string): Promise<void> {
  const iam = new IAMClient(theTarget().aws);
  for (const PolicyName of Object.keys(await policiesOf(RoleName))) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

/** The policies of a role, by name, as JSON. */
export async function policiesOf(RoleName: string): Promise<Record<string, string>> {
  const iam = new IAMClient(theTarget().aws);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const documents = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return [PolicyName, decodeURIComponent(PolicyDocument)] as const;
    }),
  );
  return Object.fromEntries(documents);
}

/** Takes on a role. */
export async function assume(RoleArn: string): Promise<RoleCredentials> {
  const { Credentials } = await new STSClient(theTarget().aws).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }),
  );
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}
