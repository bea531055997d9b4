import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { rootCredentials } from "./emulator";
import { signInTestUser } from "./sign-in";

/** The one user of the local system that its commands sign in. */
export const student = "student@example.com";

/** Signs the local system's student in, and returns an access token. */
export async function studentToken(outputs: Readonly<Record<string, unknown>>): Promise<string> {
  // Advice for this project's developers, not for who asks for a token.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const client = new CognitoIdentityProviderClient({
    endpoint: String(outputs.AWS_ENDPOINT_URL),
    region: String(outputs.AWS_REGION),
    credentials: rootCredentials,
  });
  const userPoolId = String(outputs.COGNITO_USER_POOL_ID);
  const clientId = String(outputs.COGNITO_CLIENT_ID);
  const { accessToken } = await signInTestUser({ client, userPoolId, clientId }, student);
  return accessToken;
}
