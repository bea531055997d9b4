/** Every Pulumi.<stack>.yaml through the unmodified program. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type * as Program from "../index";
import { record, type Recording, statementsOf, valueOf } from "./support/pulumi-mocks";

type Outputs = typeof Program;
type Values = Readonly<Record<string, unknown>>;

const root = path.resolve(__dirname, "..");
const read = (file: string): { readonly config: Values } =>
  parse(fs.readFileSync(path.join(root, file), "utf8")) as { config: Values };

const stacks = fs.readdirSync(root).flatMap((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1] ?? []);
const secrets = { "student-helper:anthropicApiKey": "anthropic-key", "student-helper:voyageApiKey": "voyage-key" };

/** What the engine would pass to the program: Pulumi.yaml's defaults, the stack's values, and secrets. */
function configOf(stack: string): Record<string, string> {
  const declarations = Object.entries(read("Pulumi.yaml").config as Record<string, { default: unknown }>);
  const defaults = declarations.map(([key, declaration]) => [`student-helper:${key}`, declaration.default]);
  const values = { ...Object.fromEntries(defaults), ...read(`Pulumi.${stack}.yaml`).config, ...secrets } as Values;
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, asText(value)]));
}

/** Loads the program anew, as each update does. */
function load(): Outputs {
  const inside = (file: string): boolean =>
    file.startsWith(root + path.sep) && !/[\\/](node_modules|tests)[\\/]/.test(file.slice(root.length));
  for (const file of Object.keys(require.cache)) if (inside(file)) delete require.cache[file];
  return createRequire(__filename)("../index") as Outputs;
}

async function run(stack: string, changes: Record<string, string> = {}): Promise<Recording<Outputs>> {
  return record(() => {
    pulumi.runtime.setAllConfig({ ...configOf(stack), ...changes }, Object.keys(secrets));
    return load();
  }, stack);
}

describe("stacks", () => {
  it("are local, dev, staging and prod", () => {
    assert.deepEqual(stacks.sort(), ["dev", "local", "prod", "staging"]);
  });

  for (const stack of stacks) {
    it(`${stack} gives its outputs`, async () => {
      const { result } = await run(stack);

      assert.deepEqual(Object.keys(result).sort(), [
        "API_BASE_URL",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "COGNITO_CLIENT_ID",
        "COGNITO_USER_POOL_ID",
        "UPLOAD_BUCKET",
        "functions",
      ]);
      assert.equal(await valueOf(result.API_BASE_URL), "https://api123.execute-api.eu-central-1.amazonaws.com");
      assert.equal(result.AWS_ENDPOINT_URL, stack === "local" ? "http://localhost:4566" : undefined);
      assert.equal(result.AWS_REGION, stack === "local" ? "us-east-1" : "eu-central-1");
      assert.equal(await valueOf(result.UPLOAD_BUCKET), `student-helper-${stack}-uploads-123456789012`);
      assert.equal(await valueOf(result.functions.api.name), `student-helper-${stack}-api`);
      assert.equal(await valueOf(result.functions.api.version), "7");
    });

    it(`${stack} protects data as it should`, async () => {
      const { inputs } = await run(stack);

      const isProtected = stack === "staging" || stack === "prod";
      assert.equal(inputs("aws:s3/bucket:Bucket", "uploads").forceDestroy, !isProtected);
      assert.equal(inputs("aws:ecr/repository:Repository", "api").forceDelete, !isProtected);
      assert.equal(
        inputs("aws:cognito/userPool:UserPool", "users").deletionProtection,
        isProtected ? "ACTIVE" : "INACTIVE",
      );
    });

    it(`${stack} has the parameters that the system reads`, async () => {
      const { resources } = await run(stack);

      const parameters = resources.filter(({ type }) => type === "aws:ssm/parameter:Parameter");
      assert.deepEqual(parameters.map(({ inputs }) => `${String(inputs.name)} ${String(inputs.type)}`).sort(), [
        `/student-helper/${stack}/anthropic/api_key SecureString`,
        `/student-helper/${stack}/anthropic/model String`,
        `/student-helper/${stack}/cognito/client_id String`,
        `/student-helper/${stack}/cognito/user_pool_id String`,
        `/student-helper/${stack}/storage/bucket String`,
        `/student-helper/${stack}/voyage/api_key SecureString`,
        `/student-helper/${stack}/voyage/model String`,
      ]);
    });

    it(`${stack} lets the api function do exactly what it declares`, async () => {
      const { inputs } = await run(stack);

      const { policy } = inputs("aws:iam/rolePolicy:RolePolicy", "api");

      const here = "eu-central-1:123456789012";
      const bucket = `arn:aws:s3:::student-helper-${stack}-uploads-123456789012`;
      assert.deepEqual(statementsOf(policy), [
        {
          Sid: "WriteOwnLogs",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `arn:aws:logs:${here}:log-group:/aws/lambda/student-helper-${stack}-api:*`,
        },
        {
          Sid: "ReadOwnParameters",
          Effect: "Allow",
          Action: ["ssm:GetParameter", "ssm:GetParameters"],
          Resource: [
            `arn:aws:ssm:${here}:parameter/student-helper/${stack}/storage/bucket`,
            `arn:aws:ssm:${here}:parameter/student-helper/${stack}/cognito/client_id`,
          ],
        },
        {
          Sid: "UseObjects0",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
          Resource: `${bucket}/uploads/*`,
        },
        {
          Sid: "ListObjects0",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: bucket,
          Condition: { StringLike: { "s3:prefix": ["uploads/*"] } },
        },
      ]);
    });

    it(`${stack} answers nothing but /health without a token`, async () => {
      const { resources } = await run(stack);

      const routes = resources
        .filter(({ type }) => type === "aws:apigatewayv2/route:Route")
        .map(({ inputs }) => inputs);
      assert.deepEqual(
        routes.filter((route) => route.authorizationType === "NONE").map((route) => route.routeKey),
        ["GET /health"],
      );
      for (const route of routes.filter(({ routeKey }) => routeKey !== "GET /health")) {
        assert.equal(route.authorizationType, "JWT");
        assert.deepEqual(route.authorizationScopes, ["aws.cognito.signin.user.admin"]);
      }
    });
  }

  it("name the origins of their own pages", async () => {
    const expected = {
      local: ["*"],
      dev: ["https://dev.student-helper.example.org", "http://localhost:5173"],
      staging: ["https://staging.student-helper.example.org"],
      prod: ["https://student-helper.example.org"],
    };

    for (const [stack, origins] of Object.entries(expected)) {
      const { inputs } = await run(stack);
      const { corsConfiguration } = inputs("aws:apigatewayv2/api:Api", "api") as {
        corsConfiguration: { allowOrigins: string[] };
      };
      const { corsRules } = inputs("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "uploads") as {
        corsRules: { allowedOrigins: string[] }[];
      };
      assert.deepEqual(corsConfiguration.allowOrigins, origins);
      assert.deepEqual(corsRules[0]?.allowedOrigins, origins);
    }
  });

  it("pass settings to the function by name", async () => {
    const { inputs } = await run("prod");

    const lambda = inputs("aws:lambda/function:Function", "api");

    assert.equal(lambda.memorySize, 1024);
    assert.deepEqual(lambda.environment, {
      variables: {
        POWERTOOLS_SERVICE_NAME: "api",
        POWERTOOLS_LOG_LEVEL: "INFO",
        IMAGE_DIGEST: `sha256:${"d".repeat(64)}`,
        STACK: "prod",
        PARAMETER_PREFIX: "/student-helper/prod",
        MAX_UPLOAD_BYTES: "20971520",
      },
    });
  });

  it("speak plain HTTP to nobody but the emulator", async () => {
    const policy = "aws:s3/bucketPolicy:BucketPolicy uploads";

    assert.equal((await run("local")).names.includes(policy), false);
    for (const stack of ["dev", "staging", "prod"]) assert.equal((await run(stack)).names.includes(policy), true);
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
