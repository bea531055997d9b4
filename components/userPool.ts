import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { dataOptions } from "./internal/protection";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link UserPool}. */
export interface UserPoolArgs {
  /** Whether the pool refuses to be deleted with its users. */
  readonly protectData: boolean;
}

const rules = z.object({ name: shortName, protectData: z.boolean({ error: "true or false" }) });

/**
 * Who may sign in: a Cognito user pool, and the one client that students' apps use.
 *
 * Accounts are made by an administrator: whoever could register alone would have the use of paid models, too.
 *
 * @example
 * const users = new UserPool("users", { protectData: true });
 */
export class UserPool extends pulumi.ComponentResource {
  /**
   * The scope that access tokens of users have who signed in through Cognito's API, and that ID tokens lack
   * (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html).
   */
  static readonly userScope = "aws.cognito.signin.user.admin";

  /** The pool's id. */
  readonly userPoolId: pulumi.Output<string>;
  /** The client's id: the audience of its tokens. */
  readonly clientId: pulumi.Output<string>;
  /** Issuer of the pool's tokens, as in their `iss`. */
  readonly issuer: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: UserPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:identity:UserPool", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });

    const pool = new aws.cognito.UserPool(
      name,
      {
        name: physicalName(name),
        usernameAttributes: ["email"],
        usernameConfiguration: { caseSensitive: false },
        autoVerifiedAttributes: ["email"],
        // The old address stays in use until the new one is verified.
        userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdates: ["email"] },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        adminCreateUserConfig: { allowAdminCreateUserOnly: true },
        // Security Hub Cognito.3: at least 8 characters of all four kinds.
        // https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html
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
        deletionProtection: args.protectData ? "ACTIVE" : "INACTIVE",
      },
      { parent: this, ...dataOptions(args.protectData) },
    );
    const client = new aws.cognito.UserPoolClient(
      name,
      {
        name: physicalName(name),
        userPoolId: pool.id,
        // An app on a student's device cannot keep a secret.
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
      },
      { parent: this },
    );

    this.userPoolId = pool.id;
    this.clientId = client.id;
    this.issuer = pulumi.interpolate`https://${pool.endpoint}`;
    this.registerOutputs({ userPoolId: this.userPoolId, clientId: this.clientId });
  }
}
