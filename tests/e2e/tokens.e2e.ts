import * as assert from "assert/strict";
import {
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { signInTestUser } from "../../local/sign-in";
import { call } from "./support/api";
import { answers, everywhere } from "./support/protected-routes";
import { cognito, newStudent, removeStudents, type Student } from "./support/students";
import { theTarget } from "./support/target";

describe("the way in", () => {
  let student: Student;

  before(async () => {
    student = await newStudent();
  });

  after(removeStudents);

  it("is open to a student's own access token", async () => {
    const answer = await call("GET", "/items", { token: student.accessToken });

    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  });

  it("is closed without a token", async () => {
    assert.deepEqual(await answers(), everywhere(401));
  });

  it("is closed to garbage", async () => {
    assert.deepEqual(await answers("garbage"), everywhere(401));
  });

  it("is closed to a token whose claims were changed", async () => {
    const [header, claims, signature] = student.accessToken.split(".");
    const changed = { ...(JSON.parse(Buffer.from(claims!, "base64url").toString()) as object), sub: "somebody-else" };
    const forged = [header, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join(".");

    assert.deepEqual(await answers(forged), everywhere(401));
  });

  it("is closed to a token that says it needs no signature", async () => {
    const header = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const unsigned = `${header}.${student.accessToken.split(".")[1]}.`;

    assert.deepEqual(await answers(unsigned), everywhere(401));
  });

  it("is closed to an ID token, which has no scope", async () => {
    assert.deepEqual(await answers(student.idToken), everywhere(403));
  });

  it("is closed to a token of another client of the same pool", async () => {
    const { userPoolId } = theTarget();
    const client = await createClient(userPoolId);
    const { accessToken } = await signInTestUser({ client: cognito(), userPoolId, clientId: client }, student.email);

    assert.deepEqual(await answers(accessToken), everywhere(401));

    await cognito().send(new DeleteUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: client }));
  });

  it("is closed to a token of another pool", async () => {
    const { UserPool } = await cognito().send(new CreateUserPoolCommand({ PoolName: "another-pool" }));
    const userPoolId = UserPool!.Id!;
    const clientId = await createClient(userPoolId);
    const { accessToken } = await signInTestUser({ client: cognito(), userPoolId, clientId }, "student@example.com");

    assert.deepEqual(await answers(accessToken), everywhere(401));

    await cognito().send(new DeleteUserPoolCommand({ UserPoolId: userPoolId }));
  });
});

async function createClient(userPoolId: string): Promise<string> {
  const { UserPoolClient } = await cognito().send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: "another-client",
      ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  return UserPoolClient!.ClientId!;
}
