import * as assert from "assert/strict";
import { randomUUID } from "crypto";
import { setTimeout as delay } from "timers/promises";
import {
  AdminSetUserPasswordCommand,
  DescribeUserPoolClientCommand,
  UpdateUserPoolClientCommand,
  type UpdateUserPoolClientCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { signInTestUser } from "../../local/sign-in";
import { takeApart } from "./support/forgery";
import { answers, bearer, everywhere } from "./support/protected-routes";
import { cognito, newStudent, removeStudents, type Student } from "./support/students";
import { theLocalTarget, theTarget } from "./support/target";

/** Tokens that the stack's own client gives out only with other settings than the stack's; they are put back. */
describe("the way in, for the stack's own client", () => {
  let student: Student;
  let settings: UpdateUserPoolClientCommandInput;

  before(async () => {
    theLocalTarget();
    student = await newStudent();
    const { userPoolId: UserPoolId, clientId: ClientId } = theTarget();
    const { UserPoolClient } = await cognito().send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
    settings = { ...UserPoolClient, UserPoolId, ClientId };
  });

  afterEach(() => cognito().send(new UpdateUserPoolClientCommand(settings)));

  after(removeStudents);

  it("is closed to a token that has expired", async () => {
    const { userPoolId, clientId } = theTarget();
    const lifetime = { AccessTokenValidity: 2, TokenValidityUnits: { AccessToken: "seconds" as const } };
    await cognito().send(new UpdateUserPoolClientCommand({ ...settings, ...lifetime }));
    const { accessToken } = await signInTestUser({ client: cognito(), userPoolId, clientId }, student.email);
    const fresh = Object.values(await answers({ headers: [bearer(accessToken)] }));

    await delay(Number(takeApart(accessToken).claims.exp) * 1000 - Date.now() + 1000);

    assert.ok(!fresh.includes(401), `it was good before: ${fresh.join(", ")}`);
    assert.deepEqual(await answers({ headers: [bearer(accessToken)] }), everywhere(401));
  });

  it("is closed to an access token without the scope", async () => {
    const accessToken = await signInWithScopes("openid");

    assert.deepEqual(await answers({ headers: [bearer(accessToken)] }), everywhere(403));
  });

  /** Signs in as a browser does, through the pool's sign-in page, and asks for these scopes only. */
  async function signInWithScopes(scope: string): Promise<string> {
    const { userPoolId: UserPoolId, aws } = theTarget();
    const redirect = "http://localhost/callback";
    await cognito().send(
      new UpdateUserPoolClientCommand({
        ...settings,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ["code"],
        AllowedOAuthScopes: [scope],
        CallbackURLs: [redirect],
        SupportedIdentityProviders: ["COGNITO"],
      }),
    );
    const password = `Aa1!${randomUUID()}`;
    await cognito().send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username: student.email, Password: password, Permanent: true }),
    );
    const client = { client_id: settings.ClientId!, redirect_uri: redirect };
    const form = { ...client, response_type: "code", scope, username: student.email, password };
    const post = (path: string, body: Record<string, string>): Promise<Response> =>
      fetch(`${aws.endpoint}${path}`, { method: "POST", body: new URLSearchParams(body), redirect: "manual" });
    const signedIn = await post("/login", form);
    const code = new URL(signedIn.headers.get("location")!).searchParams.get("code")!;
    const granted = await post("/oauth2/token", { ...client, grant_type: "authorization_code", code });
    return ((await granted.json()) as { access_token: string }).access_token;
  }
});
