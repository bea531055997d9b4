import { randomUUID } from "crypto";
import {
  AdminDeleteUserCommand,
  CognitoIdentityProviderClient,
  UserNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider";
import { signInTestUser, type Tokens } from "../../../local/sign-in";
import { theTarget } from "./target";

/** A test user who has signed in. */
export interface Student extends Tokens {
  readonly email: string;
}

const created: string[] = [];

export const cognito = (): CognitoIdentityProviderClient => new CognitoIdentityProviderClient(theTarget().aws);

/** Creates a user with a name of its own and signs in. */
export async function newStudent(): Promise<Student> {
  const { userPoolId, clientId } = theTarget();
  const email = `student-${randomUUID()}@example.com`;
  created.push(email);
  return { email, ...(await signInTestUser({ client: cognito(), userPoolId, clientId }, email)) };
}

/** The user whom a token names. */
export function subject(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sub: string }).sub;
}

/** Removes the users that this run created, but those that a test has removed. */
export async function removeStudents(): Promise<void> {
  const { userPoolId } = theTarget();
  for (const email of created.splice(0)) {
    await cognito()
      .send(new AdminDeleteUserCommand({ UserPoolId: userPoolId, Username: email }))
      .catch((error: unknown) => {
        if (!(error instanceof UserNotFoundException)) throw error;
      });
  }
}
