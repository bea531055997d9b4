/** The API of every stack, made by the unmodified program. */
import * as assert from "node:assert/strict";
import { type Outputs, recordingOf, stacks } from "./support/program";
import { type Recording } from "./support/pulumi-mocks";

const origins: Readonly<Record<string, readonly string[]>> = {
  local: ["*"],
  dev: ["https://dev.student-helper.example.org", "http://localhost:5173"],
  pr: ["http://localhost:5173"],
  staging: ["https://staging.student-helper.example.org"],
  prod: ["https://student-helper.example.org"],
};

describe("the API of the stack", () => {
  for (const stack of stacks) {
    describe(stack, () => {
      let recording: Recording<Outputs>;
      before(async () => {
        recording = await recordingOf(stack);
      });

      it("has the routes of the API, which lead to the api function", () => {
        const { resources } = recording;

        const routes = resources.filter(({ type }) => type === "aws:apigatewayv2/route:Route");
        const integrations = resources.filter(({ type }) => type === "aws:apigatewayv2/integration:Integration");
        assert.deepEqual(routes.map(({ inputs }) => inputs.routeKey).sort(), [
          "DELETE /items/{item_id}",
          "GET /health",
          "GET /items",
          "GET /items/{item_id}",
          "GET /openapi.json",
          "GET /search",
          "POST /uploads",
        ]);
        assert.deepEqual(
          integrations.map(({ inputs }) => inputs.integrationUri),
          [`invoke:student-helper-${stack}-api:live`],
        );
      });

      it("answers nothing but /health without a token", () => {
        const { resources } = recording;

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

      it("names the origins of its own pages", () => {
        const { inputs } = recording;

        const { corsConfiguration } = inputs("aws:apigatewayv2/api:Api", "api") as {
          corsConfiguration: { allowOrigins: string[] };
        };
        const { corsRules } = inputs("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "uploads") as {
          corsRules: { allowedOrigins: string[] }[];
        };
        assert.deepEqual(corsConfiguration.allowOrigins, origins[stack]);
        assert.deepEqual(corsRules[0]?.allowedOrigins, origins[stack]);
      });

      it("speaks plain HTTP to nobody but the emulator", () => {
        const { inputs, names: made } = recording;

        const queuePolicy = String(inputs("aws:sqs/queuePolicy:QueuePolicy", "analyzer").policy);

        assert.equal(made.includes("aws:s3/bucketPolicy:BucketPolicy uploads"), stack !== "local");
        assert.equal(queuePolicy.includes("aws:SecureTransport"), stack !== "local");
        const topicPolicy = String(inputs("aws:sns/topicPolicy:TopicPolicy", "alarms").policy);
        assert.equal(topicPolicy.includes("aws:SecureTransport"), stack !== "local");
      });
    });
  }
});
