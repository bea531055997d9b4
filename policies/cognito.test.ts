import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as cognito from "./cognito";

const pool = (props: Record<string, unknown>): Fixture => resource(aws.cognito.UserPool, props);
const passwordPolicy = {
  minimumLength: 8,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  temporaryPasswordValidityDays: 7,
};
const weak = (change: Partial<typeof passwordPolicy>): { resources: Fixture[]; problem: string } => ({
  resources: [pool({ passwordPolicy: { ...passwordPolicy, ...change } })],
  problem: "Passwords may be weak.",
});

testControls(cognito, {
  threatProtection: {
    kept: { "protection that acts": [pool({ userPoolAddOns: { advancedSecurityMode: "ENFORCED" } })] },
    broken: {
      "protection that looks on": {
        resources: [pool({ userPoolAddOns: { advancedSecurityMode: "AUDIT" } })],
        problem: "Threat protection is not enforced.",
      },
      "no protection": { resources: [pool({})], problem: "Threat protection is not enforced." },
    },
  },
  strongPasswords: {
    kept: { "a policy that asks for just enough": [pool({ passwordPolicy })] },
    broken: {
      "a short password": weak({ minimumLength: 7 }),
      "no lower case": weak({ requireLowercase: false }),
      "no upper case": weak({ requireUppercase: false }),
      "no numbers": weak({ requireNumbers: false }),
      "no symbols": weak({ requireSymbols: false }),
      "a temporary password that lives long": weak({ temporaryPasswordValidityDays: 8 }),
      "no policy": { resources: [pool({})], problem: "Passwords may be weak." },
    },
  },
  multipleFactors: {
    kept: { "a second factor of everyone": [pool({ mfaConfiguration: "ON" })] },
    broken: {
      "a second factor of whoever wants": {
        resources: [pool({ mfaConfiguration: "OPTIONAL" })],
        problem: "Multi-factor authentication is OPTIONAL.",
      },
      "passwords alone": { resources: [pool({})], problem: "Multi-factor authentication is OFF." },
    },
  },
});
