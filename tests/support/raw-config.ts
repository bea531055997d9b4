import * as assert from "node:assert/strict";
import { type RawConfig, validateConfig } from "../../config";

/** The values of a configuration that is accepted, by key. */
export const values = {
  "aws:region": "eu-central-1",
  "student-helper:corsOrigins": '["https://app.example.org"]',
  "student-helper:logLevel": "INFO",
  "student-helper:logRetentionDays": "30",
  "student-helper:throttleRate": "50",
  "student-helper:throttleBurst": "100",
  "student-helper:maxUploadMegabytes": "20",
  "student-helper:recoveryDays": "30",
  "student-helper:alarmEmails": '["operations@example.org"]',
  "student-helper:protectData": "true",
  "student-helper:permissionsBoundary": "",
  "student-helper:databaseInstanceClass": "db.t4g.micro",
  "student-helper:databaseStorageGigabytes": "20",
  "student-helper:databasePassword": "database-password",
  "student-helper:databaseMultiAz": "false",
  "student-helper:databaseProxy": "false",
  "student-helper:defaultVpc": "false",
  "student-helper:natGateways": "single",
  "student-helper:anthropicModel": "claude-sonnet-4-6",
  "student-helper:awsEndpointUrl": "",
  "student-helper:anthropicBaseUrl": "",
  "student-helper:voyageModel": "voyage-3.5",
  "student-helper:voyageBaseUrl": "",
  "student-helper:anthropicApiKey": "anthropic-key",
  "student-helper:voyageApiKey": "voyage-key",
  "student-helper:functions": "{}",
  "student-helper:images": "{}",
  "student-helper:canary": "{}",
  "student-helper:imageBuild": "{}",
  "student-helper:apiBaseUrl": "",
};
/** The keys of its secrets. */
export const encrypted = ["anthropicApiKey", "voyageApiKey", "databasePassword"].map((key) => `student-helper:${key}`);

/** A configuration that is accepted, but for some changes; `undefined` leaves a value out. */
export const raw = (changes: Record<string, string | undefined> = {}, others: Partial<RawConfig> = {}): RawConfig => ({
  project: "student-helper",
  stack: "prod",
  stacks: ["local", "dev", "staging", "prod"],
  values: Object.fromEntries(
    Object.entries({ ...values, ...changes }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  ),
  isSecret: (key) => encrypted.includes(key),
  readFile: (path) => `content of ${path}`,
  ...others,
});

/** The message with which a configuration is refused. */
export function refusal(config: RawConfig): string {
  try {
    validateConfig(config);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("It was accepted.");
}
