import * as path from "path";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { exclusively } from "./cache";
import { rootCredentials } from "./emulator";
import { signInTestUser } from "./sign-in";

/** The one user of the local system that its commands sign in. */
export const student = "student@example.com";

/**
 * Signs the local system's student in, and returns an access token.
 *
 * @param instance the system's folder.
 * @param outputs what its stack put out.
 */
export async function studentToken(instance: string, outputs: Readonly<Record<string, unknown>>): Promise<string> {
  // Advice for this project's developers, not for who asks for a token.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const client = new CognitoIdentityProviderClient({
    endpoint: String(outputs.AWS_ENDPOINT_URL),
    region: String(outputs.AWS_REGION),
    credentials: rootCredentials,
  });
  const userPoolId = String(outputs.COGNITO_USER_POOL_ID);
  const clientId = String(outputs.COGNITO_CLIENT_ID);
  // Each gives the user a password: of two commands at once, one would sign in with the other's.
  const { accessToken } = await exclusively(path.join(instance, "sign-in"), () =>
    signInTestUser({ client, userPoolId, clientId }, student),
  );
  return accessToken;
}
