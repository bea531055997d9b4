import * as assert from "node:assert/strict";
import { record, valueOf } from "../tests/support/pulumi-mocks";
import { UserPool } from "./userPool";

describe("UserPool", () => {
  it("is a pool that administrators add students to, with one client without a secret", async () => {
    const { names, inputs } = await record(() => new UserPool("users", { protectData: true }));

    assert.deepEqual(names, ["aws:cognito/userPool:UserPool users", "aws:cognito/userPoolClient:UserPoolClient users"]);
    assert.deepEqual(inputs("aws:cognito/userPool:UserPool", "users"), {
      name: "student-helper-test-users",
      usernameAttributes: ["email"],
      usernameConfiguration: { caseSensitive: false },
      autoVerifiedAttributes: ["email"],
      userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdates: ["email"] },
      accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      passwordPolicy: {
        minimumLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 7,
      },
      mfaConfiguration: "OPTIONAL",
      softwareTokenMfaConfiguration: { enabled: true },
      deletionProtection: "ACTIVE",
    });
    assert.deepEqual(inputs("aws:cognito/userPoolClient:UserPoolClient", "users"), {
      name: "student-helper-test-users",
      userPoolId: "eu-central-1_pool123",
      generateSecret: false,
      explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      accessTokenValidity: 60,
      idTokenValidity: 60,
      refreshTokenValidity: 30,
      tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      enableTokenRevocation: true,
      preventUserExistenceErrors: "ENABLED",
      readAttributes: ["email", "email_verified"],
      writeAttributes: ["email"],
    });
  });

  it("can be deleted where data is not protected", async () => {
    const { inputs } = await record(() => new UserPool("users", { protectData: false }));

    assert.equal(inputs("aws:cognito/userPool:UserPool", "users").deletionProtection, "INACTIVE");
  });

  it("gives ids and the issuer of its tokens", async () => {
    const { result } = await record(() => new UserPool("users", { protectData: true }));

    assert.equal(await valueOf(result.userPoolId), "eu-central-1_pool123");
    assert.equal(await valueOf(result.clientId), "client123");
    assert.equal(await valueOf(result.issuer), "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool123");
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      record(() => new UserPool("u".repeat(25), { protectData: true })),
      /1\. name\n/,
    );
  });
});
