/** What a stack's settings change, made by the unmodified program. */
import * as assert from "node:assert/strict";
import { functions } from "../functions";
import { recordingOf, run, stacks } from "./support/program";

const databaseSizes: Readonly<Record<string, readonly [instanceClass: string, gigabytes: number]>> = {
  local: ["db.t4g.micro", 20],
  dev: ["db.t4g.micro", 20],
  pr: ["db.t4g.micro", 20],
  staging: ["db.t4g.medium", 20],
  prod: ["db.m7g.large", 100],
};

describe("stacks", () => {
  for (const stack of stacks) {
    it(`give ${stack} a database of its own size`, async () => {
      const { inputs } = await recordingOf(stack);

      const { instanceClass, allocatedStorage } = inputs("aws:rds/instance:Instance", "database");

      assert.deepEqual([instanceClass, allocatedStorage], databaseSizes[stack]);
    });
  }

  it("leave pinned functions where they are", async () => {
    const pins = {
      names: ["/student-helper/prod/releases/pinned_versions", "/student-helper/staging/releases/pinned_versions"],
      values: ['{"api":"5"}', "{}"],
    };

    const { inputs, errors } = await run("prod", {}, { "aws:ssm/getParametersByPath:getParametersByPath": pins });

    assert.deepEqual(errors, []);
    assert.equal(inputs("aws:lambda/alias:Alias", "api").functionVersion, "5");
    assert.equal(inputs("aws:lambda/alias:Alias", "embedder").functionVersion, "7");
    const { input } = inputs("aws:lambda/invocation:Invocation", "api");
    assert.equal((JSON.parse(String(input)) as { version: string }).version, "5");
  });

  it("pass settings to the function by name", async () => {
    const { inputs } = await recordingOf("prod");

    const lambda = inputs("aws:lambda/function:Function", "api");

    assert.equal(lambda.memorySize, 1024);
    assert.deepEqual(lambda.environment, {
      variables: {
        POWERTOOLS_SERVICE_NAME: "api",
        POWERTOOLS_LOG_LEVEL: "INFO",
        POWERTOOLS_METRICS_NAMESPACE: "student-helper-prod",
        STACK: "prod",
        PARAMETER_PREFIX: "/student-helper/prod",
        PARAMETER_NAMES:
          "database/host,database/port,database/name,database/username,database/password," +
          "storage/bucket,checkpoints/table,cognito/client_id,voyage/api_key,voyage/model",
        MAX_UPLOAD_BYTES: "20971520",
      },
    });
  });

  it("tell every function where the models' vendors are if they are not at their own address", async () => {
    const { inputs } = await run("prod", {
      "student-helper:anthropicBaseUrl": "https://models.example.org/anthropic",
      "student-helper:voyageBaseUrl": "https://models.example.org/voyage/v1",
    });

    for (const name of Object.keys(functions)) {
      const { variables } = inputs("aws:lambda/function:Function", name).environment as {
        variables: Record<string, string>;
      };
      assert.equal(variables["ANTHROPIC_BASE_URL"], "https://models.example.org/anthropic");
      assert.equal(variables["VOYAGE_BASE_URL"], "https://models.example.org/voyage/v1");
    }
  });

  it("have endpoints of the services that functions call if there is no NAT", async () => {
    const { resources, inputs } = await run("dev", {
      "student-helper:natGateways": "none",
      "student-helper:anthropicBaseUrl": "https://models.example.org/anthropic",
      "student-helper:voyageBaseUrl": "https://models.example.org/voyage/v1",
    });

    const endpoints = resources.filter(({ type }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint");
    assert.deepEqual(
      endpoints.map(({ name }) => name),
      ["network-ssm", "network-sqs", "network-events", "network-lambda", "network-monitoring"],
    );
    assert.deepEqual(inputs("awsx:ec2:Vpc", "network").natGateways, { strategy: "None" });
  });

  it("make nothing of a wrong configuration, and say all that is wrong", async () => {
    const wrong = {
      "student-helper:corsOrigins": '["*"]',
      "student-helper:functions": '{"api":{"memoryMegabytes":50}}',
      "student-helper:voyageApiKey": "",
      "student-helper:throtleRate": "5",
      "student-helper:protectData": "maybe",
    };

    await assert.rejects(run("prod", wrong), (error: Error) => {
      assert.match(error.message, /^The configuration of stack "prod" \(Pulumi\.prod\.yaml\) has 5 problems;/);
      for (const property of ["corsOrigins[0]", "memoryMegabytes", "voyageApiKey", "throtleRate", "protectData"]) {
        assert.ok(error.message.includes(property), error.message);
      }
      return true;
    });
  });
});
