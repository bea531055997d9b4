import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as ssm from "./ssm";

const parameter = (name: string, type: string): Fixture =>
  resource(aws.ssm.Parameter, { name: `/student-helper/dev/${name}`, type });
const problem = (name: string): string => `/student-helper/dev/${name} is a secret in plain text.`;

testControls(ssm, {
  secretsEncrypted: {
    kept: {
      "a secret that is encrypted": [parameter("anthropic/api_key", "SecureString")],
      "what is no secret": [parameter("storage/bucket", "String")],
    },
    broken: {
      "a key in plain text": {
        resources: [parameter("anthropic/api_key", "String")],
        problem: problem("anthropic/api_key"),
      },
      "a password in plain text": {
        resources: [parameter("database/password", "String")],
        problem: problem("database/password"),
      },
      "an address with its password in plain text": {
        resources: [parameter("database/url", "StringList")],
        problem: problem("database/url"),
      },
    },
  },
});
