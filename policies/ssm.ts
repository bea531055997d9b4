import * as aws from "@pulumi/aws";
import { onEach, type ResourceControl } from "./control";

// A value may be secret to Pulumi for having come from one; only its name says whether it must be to everyone.
const secretNames = /(key|password|secret|token|url)$/i;

export const secretsEncrypted: ResourceControl = {
  id: "SSM.SecureString",
  description:
    "A parameter whose name is that of a secret (it ends in key, password, secret, token or url) is encrypted.",
  remediation: 'Set type to "SecureString".',
  url: "https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html",
  checks: [
    onEach(aws.ssm.Parameter, ({ name = "", type }, report) => {
      if (secretNames.test(name) && type !== "SecureString") report(`${name} is a secret in plain text.`);
    }),
  ],
};
