import * as assert from "assert/strict";
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminUserGlobalSignOutCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { signInTestUser, type Tokens } from "../../local/sign-in";
import { call } from "./support/api";
import { authenticated, ownKeys, publishedKey, putTogether, signed, takeApart } from "./support/forgery";
import { answers, bearer, everywhere, type Proof } from "./support/protected-routes";
import { cognito, newStudent, removeStudents, type Student } from "./support/students";
import { theTarget } from "./support/target";

/** What somebody has who wants in: a token of their own, another student's, and a key pair. */
interface Means {
  readonly student: Student;
  readonly other: Student;
  readonly own: ReturnType<typeof ownKeys>;
}

/** Makes a proof of what somebody has; a text is a token, sent as it should be. */
type Attempt = (means: Means) => string | Proof | Promise<string | Proof>;

const elsewhere = "https://keys.example.org/jwks.json";

/** Signs the student's own claims, with some changes, by the key of nobody. */
const bySomebody =
  (header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>> = {}): Attempt =>
  ({ student, own }) => {
    const token = takeApart(student.accessToken);
    return signed({ ...token.header, ...header }, { ...token.claims, ...claims }, own.privateKey);
  };

/** Replaces parts of the student's token. */
const changed =
  (change: (token: ReturnType<typeof takeApart>, means: Means) => Partial<ReturnType<typeof takeApart>>): Attempt =>
  (means) => {
    const token = takeApart(means.student.accessToken);
    return putTogether({ ...token, ...change(token, means) });
  };

/** Says that no signature is needed, in one spelling. */
const unsigned = (alg: string): Attempt => changed(({ header }) => ({ header: { ...header, alg }, signature: "" }));

const unauthorized: Readonly<Record<string, Attempt>> = {
  "no token": () => ({}),
  "an empty header": () => ({ headers: [["Authorization", ""]] }),
  "a scheme without a token": () => ({ headers: [["Authorization", "Bearer"]] }),
  garbage: () => "garbage",
  "garbage in three parts": () => "e30.e30.e30",
  "parts that are not JSON": ({ student }) => `bm90.anNvbg.${student.accessToken.split(".")[2]}`,
  "a token of one part more": ({ student }) => `${student.accessToken}.${student.accessToken.split(".")[2]}`,
  "a token of as many bytes as headers may have": ({ student }) => `${student.accessToken}${"A".repeat(6000)}`,

  "claims of somebody else": changed(({ claims }) => ({ claims: { ...claims, sub: "somebody-else" } })),
  "claims that last longer": changed(({ claims }) => ({ claims: { ...claims, exp: Number(claims.exp) + 3600 } })),
  "a further scope": changed(({ claims }) => ({ claims: { ...claims, scope: `${String(claims.scope)} admin` } })),
  "the signature of another student's token": changed((_, { other }) => ({
    signature: takeApart(other.accessToken).signature,
  })),
  "an empty signature": changed(() => ({ signature: "" })),
  "half a signature": changed(({ signature }) => ({ signature: signature.slice(0, signature.length / 2) })),

  "alg none": unsigned("none"),
  "alg None": unsigned("None"),
  "alg NONE": unsigned("NONE"),
  "alg none beside a signature": changed(({ header }) => ({ header: { ...header, alg: "none" } })),
  "an HMAC with the public key": async ({ student }) => {
    const { header, claims } = takeApart(student.accessToken);
    return authenticated({ ...header, alg: "HS256" }, claims, await publishedKey(header.kid, String(claims.iss)));
  },
  "an HMAC with an empty key, of a key id that is a path": ({ student }) => {
    const { header, claims } = takeApart(student.accessToken);
    return authenticated({ ...header, alg: "HS256", kid: "../../../../dev/null" }, claims, "");
  },
  "another key under the pool's key id": bySomebody({}),
  "another key under an id of its own": bySomebody({ kid: "somebody" }),
  "another key without an id": bySomebody({ kid: undefined }),
  "a key that it brings along (jwk)": async (means) =>
    bySomebody({ kid: undefined, jwk: { ...means.own.jwk, alg: "RS256", use: "sig" } })(means),
  "a key that lies elsewhere (jku)": bySomebody({ kid: "somebody", jku: elsewhere }),
  "a certificate that lies elsewhere (x5u)": bySomebody({ kid: "somebody", x5u: elsewhere }),
  "another key and another issuer": bySomebody({}, { iss: "https://keys.example.org" }),

  "the token in the query": ({ student }) => ({ query: `access_token=${student.accessToken}` }),
  "the token in the query, as its header": ({ student }) => ({ query: `Authorization=${student.accessToken}` }),
  "the token in a cookie": ({ student }) => ({ headers: [["Cookie", `Authorization=${student.accessToken}`]] }),
  "the token in another header": ({ student }) => ({ headers: [["X-Authorization", `Bearer ${student.accessToken}`]] }),
  "the scheme Basic": ({ student }) => ({ headers: [["Authorization", `Basic ${student.accessToken}`]] }),
  "the scheme Basic with a name and a password": ({ student }) => ({
    headers: [["Authorization", `Basic ${Buffer.from(`${student.email}:password`).toString("base64")}`]],
  }),
  "two tokens": ({ student, other }) => ({ headers: [bearer(student.accessToken), bearer(other.accessToken)] }),
  "garbage before the token": ({ student }) => ({ headers: [bearer("garbage"), bearer(student.accessToken)] }),
  "garbage after the token": ({ student }) => ({ headers: [bearer(student.accessToken), bearer("garbage")] }),
};

describe("the way in", () => {
  let means: Means;

  before(async () => {
    means = { student: await newStudent(), other: await newStudent(), own: ownKeys() };
  });

  after(removeStudents);

  it("is open to a student's own access token, which lives for an hour", async () => {
    const { accessToken: token } = means.student;

    const answer = await call("GET", "/items", { token });

    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { claims } = takeApart(token);
    assert.equal(Number(claims.exp) - Number(claims.iat), 3600);
  });

  for (const [what, attempt] of Object.entries(unauthorized)) {
    it(`is closed to ${what}`, async () => {
      const sent = await attempt(means);

      const found = await answers(typeof sent === "string" ? { headers: [bearer(sent)] } : sent);

      assert.deepEqual(found, everywhere(401));
    });
  }

  it("is closed to an ID token, which has no scope", async () => {
    assert.deepEqual(await answers({ headers: [bearer(means.student.idToken)] }), everywhere(403));
  });

  it("is closed to a refresh token", async () => {
    const { refreshToken } = means.student;
    // Cognito's are encrypted; the local stack's emulator signs its own, which have no scope.
    const isSigned = refreshToken.split(".").length === 3;

    assert.deepEqual(await answers({ headers: [bearer(refreshToken)] }), everywhere(isSigned ? 403 : 401));
  });

  it("is closed to a token of another client of the same pool", async () => {
    const { userPoolId } = theTarget();
    const client = await createClient(userPoolId);
    const { accessToken } = await signInTestUser(
      { client: cognito(), userPoolId, clientId: client },
      means.student.email,
    );

    assert.deepEqual(await answers({ headers: [bearer(accessToken)] }), everywhere(401));

    await cognito().send(new DeleteUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: client }));
  });

  it("is closed to a token of another pool", async () => {
    const { UserPool } = await cognito().send(new CreateUserPoolCommand({ PoolName: "another-pool" }));
    const userPoolId = UserPool!.Id!;
    const clientId = await createClient(userPoolId);
    const { accessToken } = await signInTestUser({ client: cognito(), userPoolId, clientId }, "student@example.com");

    assert.deepEqual(await answers({ headers: [bearer(accessToken)] }), everywhere(401));

    await cognito().send(new DeleteUserPoolCommand({ UserPoolId: userPoolId }));
  });

  // API Gateway checks a token by its signature, and asks nobody whether its user is still there: whoever is shut out
  // gets no further token, and the one at hand ends within the hour.
  for (const [what, shutOut] of [
    ["has signed out everywhere", AdminUserGlobalSignOutCommand],
    ["is disabled", AdminDisableUserCommand],
    ["is deleted", AdminDeleteUserCommand],
  ] as const) {
    it(`stays open, for the token's hour alone, to a student who ${what}`, async () => {
      const { userPoolId } = theTarget();
      const student = await newStudent();
      const user = { UserPoolId: userPoolId, Username: student.email };

      await cognito().send(new shutOut(user));

      assert.equal((await call("GET", "/items", { token: student.accessToken })).status, 200);
      await assert.rejects(refresh(student), { name: "NotAuthorizedException" });
    });
  }
});

async function refresh({ refreshToken }: Tokens): Promise<void> {
  const { userPoolId, clientId } = theTarget();
  await cognito().send(
    new AdminInitiateAuthCommand({
      UserPoolId: userPoolId,
      ClientId: clientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    }),
  );
}

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
