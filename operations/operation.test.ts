import * as assert from "node:assert/strict";
import { StepError } from "../local/errors";
import type { DeployedStack } from "./deployed-stack";
import { confirm, explainedByAws } from "./operation";

const prod: DeployedStack = {
  name: "prod",
  pulumiName: "prod",
  pulumi: { cwd: ".", env: {} },
  aws: { region: "eu-central-1" },
};
const awsError = (name: string): Error => Object.assign(new Error("User: arn:… is not authorized."), { name });

describe("an operation's failure", () => {
  for (const name of ["ExpiredTokenException", "CredentialsProviderError", "UnrecognizedClientException"]) {
    it(`says that the login is missing or has expired for ${name}`, () => {
      const error = explainedByAws(awsError(name), prod) as StepError;

      assert.equal(error.reason, `your AWS login for stack prod is missing or has expired (${name}).`);
      assert.match(error.next, /^sign in/);
    });
  }

  it("says which stack's role it takes for what AWS refuses", () => {
    const error = explainedByAws(awsError("AccessDeniedException"), prod) as StepError;

    assert.equal(error.reason, "User: arn:… is not authorized.");
    assert.equal(error.next, "sign in to the account of stack prod, with a role that may do this.");
  });

  it("stays as it is where nothing more is known about it", () => {
    const known = new StepError("it broke.", "mend it.");
    const unknown = awsError("ServiceException");

    assert.equal(explainedByAws(known, prod), known);
    assert.equal(explainedByAws(unknown, prod), unknown);
  });
});

describe("a question", () => {
  it("is answered by --yes", async () => {
    await assert.doesNotReject(confirm("Go on?", { args: [], options: { yes: true } }));
  });

  it("stops a command that nobody watches", async () => {
    const input = Object.assign(Object.create(process.stdin) as typeof process.stdin, { isTTY: false });

    await assert.rejects(confirm("Go on?", { args: [], options: {} }, input), {
      reason: "nobody can be asked here; nothing was changed.",
      next: "add --yes.",
    });
  });
});
