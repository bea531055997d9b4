import * as aws from "@pulumi/aws";
import { onEach, type ResourceControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html";

export const threatProtection: ResourceControl = {
  id: "Cognito.1",
  description: "A user pool answers suspicious sign-ins.",
  remediation: 'Set userPoolAddOns.advancedSecurityMode to "ENFORCED".',
  url: `${url}#cognito-1`,
  checks: [
    onEach(aws.cognito.UserPool, ({ userPoolAddOns }, report) => {
      if (userPoolAddOns?.advancedSecurityMode !== "ENFORCED") report("Threat protection is not enforced.");
    }),
  ],
};

export const strongPasswords: ResourceControl = {
  id: "Cognito.3",
  description: "Passwords have at least 8 characters of all four kinds, temporary ones end after 7 days at most.",
  remediation: "Set passwordPolicy so.",
  url: `${url}#cognito-3`,
  checks: [
    onEach(aws.cognito.UserPool, ({ passwordPolicy: policy }, report) => {
      const isStrong =
        (policy?.minimumLength ?? 0) >= 8 &&
        policy?.requireLowercase === true &&
        policy.requireUppercase === true &&
        policy.requireNumbers === true &&
        policy.requireSymbols === true &&
        (policy.temporaryPasswordValidityDays ?? Infinity) <= 7;
      if (!isStrong) report("Passwords may be weak.");
    }),
  ],
};

export const multipleFactors: ResourceControl = {
  id: "Cognito.5",
  description: "Users sign in with more than a password.",
  remediation: 'Set mfaConfiguration to "ON".',
  url: `${url}#cognito-5`,
  checks: [
    onEach(aws.cognito.UserPool, ({ mfaConfiguration = "OFF" }, report) => {
      if (mfaConfiguration !== "ON") report(`Multi-factor authentication is ${mfaConfiguration}.`);
    }),
  ],
};
