import { environmentOf, functionContainers } from "./containers";

/** Temporary credentials of a function's role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The credentials that the platform gave to a running container of a function: its role's, with all their limits. */
export async function roleCredentials(functionKey: string): Promise<RoleCredentials> {
  const [container] = await functionContainers(functionKey);
  if (container === undefined) throw new Error(`no container of ${functionKey} runs`);
  const env = await environmentOf(container);
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID!,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
    sessionToken: env.AWS_SESSION_TOKEN!,
  };
}
