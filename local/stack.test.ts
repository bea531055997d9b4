import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { parse } from "yaml";
import { StepError } from "./errors";
import { type Machine, vendorsWithKeys, writeStackSettings } from "./stack";
import { useTemporaryFolder } from "./testing/temporary-folder";

const file = "Pulumi.local.yaml";
const machine: Machine = {
  emulator: { port: 4570, endpoint: "http://localhost:4570", state: "running" },
  models: { anthropicBaseUrl: "http://localhost:7570/anthropic", voyageBaseUrl: "http://localhost:7570/voyage/v1" },
  baseImages: { "public.ecr.aws/lambda/python:3.13": "oci-layout:///cache/image@sha256:0123" },
  buildSecrets: { pip_conf: "/system/pip.conf" },
};

describe("the local stack's settings", () => {
  const folder = useTemporaryFolder();

  /** Writes the settings of a Pulumi.local.yaml and returns the system's copy. */
  async function settings(committed: string, earlier?: string): Promise<Record<string, Record<string, unknown>>> {
    const [checkout, copy] = ["checkout", "copy"].map((name) => path.join(folder(), name)) as [string, string];
    await fs.mkdir(checkout);
    await fs.mkdir(copy);
    await fs.writeFile(path.join(checkout, file), committed);
    if (earlier !== undefined) await fs.writeFile(path.join(copy, file), earlier);
    await writeStackSettings(checkout, copy, machine);
    assert.deepEqual(await fs.readdir(copy), [file]);
    return parse(await fs.readFile(path.join(copy, file), "utf8")) as Record<string, Record<string, unknown>>;
  }

  it("are the committed ones with what only this machine knows", async () => {
    const { config } = await settings(`config:
  aws:region: us-east-1
  aws:accessKey: committed
  student-helper:logLevel: DEBUG
`);

    assert.deepEqual(config, {
      "aws:region": "us-east-1",
      "aws:accessKey": "test",
      "aws:secretKey": "test",
      "student-helper:logLevel": "DEBUG",
      "student-helper:apiBaseUrl": "http://localhost:4570/_aws/execute-api/{apiId}/%24default",
      "student-helper:awsEndpointUrl": "http://localhost:4570",
      "student-helper:anthropicBaseUrl": "http://localhost:7570/anthropic",
      "student-helper:voyageBaseUrl": "http://localhost:7570/voyage/v1",
      "student-helper:imageBuild": {
        registry: "localhost:4570",
        builder: "student-helper",
        baseImages: machine.baseImages,
        secretFiles: machine.buildSecrets,
      },
    });
  });

  it("keep the secrets that were set, and the salt that decrypts them", async () => {
    const { config, encryptionsalt } = await settings(
      "config: { student-helper:logLevel: DEBUG }",
      `encryptionsalt: v1:salt
config:
  student-helper:anthropicApiKey: { secure: v1:encrypted }
  student-helper:logLevel: ERROR
  student-helper:removedSince: 1
`,
    );

    assert.equal(encryptionsalt, "v1:salt");
    assert.deepEqual(config!["student-helper:anthropicApiKey"], { secure: "v1:encrypted" });
    assert.equal(config!["student-helper:logLevel"], "DEBUG");
    assert.equal("student-helper:removedSince" in config!, false);
  });

  it("may be empty", async () => {
    const { config } = await settings("config:\n");

    assert.equal(config!["aws:accessKey"], "test");
  });

  it("that are not YAML are refused with the file and the line", async () => {
    await assert.rejects(settings("config:\n  aws:region: [us-east-1\n"), (error) => {
      assert.ok(error instanceof StepError);
      assert.ok(error.reason.startsWith(`${path.join(folder(), "checkout", file)} is not YAML: `), error.reason);
      assert.match(error.reason, /at line 3/);
      return true;
    });
  });
});

describe("the vendors that are called themselves", () => {
  /** The names of the vendors whose keys these are. */
  const called = (anthropic?: string, voyage?: string): string[] =>
    vendorsWithKeys({
      ...(anthropic ? { "student-helper:anthropicApiKey": { value: anthropic, secret: true } } : {}),
      ...(voyage ? { "student-helper:voyageApiKey": { value: voyage, secret: true } } : {}),
    }).map(({ name }) => name);

  it("are none by the keys that were made here, or without keys", () => {
    assert.deepEqual(called("local-0123456789abcdef", "local-fedcba9876543210"), []);
    assert.deepEqual(called(), []);
  });

  it("are those whose key the user has set", () => {
    assert.deepEqual(called("local-0123456789abcdef", "pa-0123"), ["Voyage AI"]);
    assert.deepEqual(called("sk-ant-0123", "pa-0123"), ["Anthropic", "Voyage AI"]);
  });
});
