import { randomBytes } from "crypto";
import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";

/** The tokens of a user who has signed in. */
export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

/** Where users sign in. */
export interface UserDirectory {
  readonly client: CognitoIdentityProviderClient;
  readonly userPoolId: string;
  readonly clientId: string;
}

/**
 * Signs a test user in, whom it creates first if need be. The caller needs administrator's rights to the user pool.
 *
 * @param email the user's name in the pool; nothing is sent to it.
 */
export async function signInTestUser({ client, userPoolId, clientId }: UserDirectory, email: string): Promise<Tokens> {
  const user = { UserPoolId: userPoolId, Username: email };
  // Four classes of characters satisfy any password policy; the password is used once and known to nobody.
  const password = `Aa1!${randomBytes(24).toString("base64url")}`;
  await client
    .send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: "SUPPRESS",
        TemporaryPassword: password,
        UserAttributes: [
          { Name: "email", Value: email },
          { Name: "email_verified", Value: "true" },
        ],
      }),
    )
    .catch((error: unknown) => {
      if (!(error instanceof UsernameExistsException)) throw error;
    });
  await client.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
  const { AuthenticationResult: result } = await client.send(
    new AdminInitiateAuthCommand({
      UserPoolId: userPoolId,
      ClientId: clientId,
      AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: email, PASSWORD: password },
    }),
  );
  const { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken } = result ?? {};
  if (!accessToken || !idToken || !refreshToken) throw new Error(`${email} was not signed in: Cognito asks for more.`);
  return { accessToken, idToken, refreshToken };
}
