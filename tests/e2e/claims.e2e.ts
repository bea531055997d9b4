/**
 * Tokens that the user pool's own key has signed, with claims that Cognito would not give: on the local system alone, whose
 * key is at hand.
 */
import * as assert from "assert/strict";
import { createPrivateKey, type KeyObject } from "crypto";
import { signingKey } from "../../local/emulator";
import { signed, takeApart } from "./support/forgery";
import { answers, bearer, everywhere } from "./support/protected-routes";
import { newStudent, removeStudents, type Student } from "./support/students";
import { instance, theTarget } from "./support/target";

type Claims = Readonly<Record<string, unknown>>;

const hour = 3600;
const now = (): number => Math.floor(Date.now() / 1000);

/** What is changed in the claims of a student's access token, by the status that it gets. */
const cases: Readonly<Record<number, Readonly<Record<string, (claims: Claims) => Claims>>>> = {
  401: {
    "that has expired": () => ({ iat: now() - hour, exp: now() - 1 }),
    "that is not valid yet": () => ({ nbf: now() + hour }),
    "that will be issued": () => ({ iat: now() + hour, exp: now() + 2 * hour }),
    "of another issuer": () => ({ iss: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Another" }),
    "of no issuer": () => ({ iss: undefined }),
    "of another client": () => ({ client_id: "another" }),
    "of no client": () => ({ client_id: undefined }),
    "for another audience": () => ({ aud: "another" }),
    // What the API itself refuses, as API Gateway takes them for good.
    "whose audience alone is the client": ({ client_id: aud }) => ({ aud, client_id: "another" }),
    "that says to be an ID token": () => ({ token_use: "id" }),
    "of no use": () => ({ token_use: undefined }),
    "of nobody": () => ({ sub: undefined }),
    "of a name that leads to another folder": ({ sub }) => ({ sub: `../${String(sub)}` }),
    "of a name with another below it": ({ sub }) => ({ sub: `somebody/${String(sub)}` }),
    "of a name longer than Cognito's": () => ({ sub: "a".repeat(129) }),
  },
  403: {
    "without a scope": () => ({ scope: undefined }),
    "with another scope": () => ({ scope: "openid" }),
    "with a scope that begins alike": ({ scope }) => ({ scope: `${String(scope)}.more` }),
  },
};

describe("a token of the pool's key", () => {
  let student: Student;
  let key: KeyObject;

  before(async () => {
    student = await newStudent();
    key = createPrivateKey(await signingKey(instance, theTarget().userPoolId));
  });

  after(removeStudents);

  const withClaims = (change: (claims: Claims) => Claims): string => {
    const { header, claims } = takeApart(student.accessToken);
    return signed(header, { ...claims, ...change(claims) }, key);
  };

  it("opens the API with the claims that Cognito gave", async () => {
    const found = await answers({ headers: [bearer(withClaims(() => ({})))] });

    // Items that nobody has, and requests that say nothing: what matters is that they are looked at.
    assert.deepEqual(found, {
      "GET /openapi.json": 200,
      "POST /uploads": 422,
      "GET /items": 200,
      "GET /items/{item_id}": 404,
      "DELETE /items/{item_id}": 404,
      "GET /search": 422,
    });
  });

  for (const [status, changes] of Object.entries(cases)) {
    for (const [what, change] of Object.entries(changes)) {
      it(`is refused with ${status} if it is one ${what}`, async () => {
        assert.deepEqual(await answers({ headers: [bearer(withClaims(change))] }), everywhere(Number(status)));
      });
    }
  }
});
