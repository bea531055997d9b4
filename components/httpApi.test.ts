import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { HttpApi, type HttpApiArgs } from "./httpApi";

const args: HttpApiArgs = {
  functions: {
    api: {
      target: { functionName: "function", aliasName: "live", invokeArn: "arn:invoke" },
      routes: [{ route: "GET /health", public: true }, { route: "GET /items/{item_id}" }, { route: "POST /uploads" }],
    },
  },
  tokens: { issuer: "https://issuer", audience: "client123", scope: "user" },
  corsOrigins: ["https://app.example.org"],
  throttleRate: 50,
  throttleBurst: 100,
  logRetentionDays: 30,
};

const make = (changes: Partial<HttpApiArgs> = {}): Promise<Recording<HttpApi>> =>
  record(() => new HttpApi("api", { ...args, ...changes }));

describe("HttpApi", () => {
  it("has an integration and a permission for each function, and its routes", async () => {
    const { names } = await make();

    assert.deepEqual(names, [
      "aws:apigatewayv2/api:Api api",
      "aws:apigatewayv2/authorizer:Authorizer api",
      "aws:apigatewayv2/integration:Integration api-api",
      "aws:apigatewayv2/route:Route api-get-health",
      "aws:apigatewayv2/route:Route api-get-items-item_id",
      "aws:apigatewayv2/route:Route api-post-uploads",
      "aws:apigatewayv2/stage:Stage api",
      "aws:cloudwatch/logGroup:LogGroup api",
      "aws:lambda/permission:Permission api-api",
    ]);
  });

  it("asks for a token with the scope on every route but public ones", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:apigatewayv2/route:Route", "api-get-health"), {
      apiId: "api123",
      routeKey: "GET /health",
      target: "integrations/integration123",
      authorizationType: "NONE",
    });
    for (const [name, routeKey] of [
      ["api-get-items-item_id", "GET /items/{item_id}"],
      ["api-post-uploads", "POST /uploads"],
    ] as const) {
      assert.deepEqual(inputs("aws:apigatewayv2/route:Route", name), {
        apiId: "api123",
        routeKey,
        target: "integrations/integration123",
        authorizationType: "JWT",
        authorizerId: "authorizer123",
        authorizationScopes: ["user"],
      });
    }
    assert.deepEqual(inputs("aws:apigatewayv2/authorizer:Authorizer", "api"), {
      apiId: "api123",
      name: "access-token",
      authorizerType: "JWT",
      identitySources: ["$request.header.Authorization"],
      jwtConfiguration: { issuer: "https://issuer", audiences: ["client123"] },
    });
  });

  it("invokes the alias, and may from this API only", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:apigatewayv2/integration:Integration", "api-api"), {
      apiId: "api123",
      integrationType: "AWS_PROXY",
      integrationMethod: "POST",
      integrationUri: "arn:invoke",
      payloadFormatVersion: "2.0",
    });
    assert.deepEqual(inputs("aws:lambda/permission:Permission", "api-api"), {
      action: "lambda:InvokeFunction",
      function: "function",
      qualifier: "live",
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:execute-api:eu-central-1:123456789012:api123/*/*",
    });
  });

  it("lets the stack's own pages call it", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:apigatewayv2/api:Api", "api"), {
      name: "student-helper-test-api",
      protocolType: "HTTP",
      corsConfiguration: {
        allowOrigins: ["https://app.example.org"],
        allowMethods: ["GET", "POST"],
        allowHeaders: ["authorization", "content-type"],
        maxAge: 3600,
      },
    });
  });

  it("throttles, and logs each request as one JSON object", async () => {
    const { inputs } = await make();

    const { accessLogSettings, ...stage } = inputs("aws:apigatewayv2/stage:Stage", "api");
    const { destinationArn, format } = accessLogSettings as { destinationArn: string; format: string };
    assert.deepEqual(stage, {
      apiId: "api123",
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
    });
    assert.equal(
      destinationArn,
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/student-helper-test-api",
    );
    assert.deepEqual(JSON.parse(format), {
      requestId: "$context.requestId",
      time: "$context.requestTime",
      routeKey: "$context.routeKey",
      status: "$context.status",
      responseLength: "$context.responseLength",
      responseLatency: "$context.responseLatency",
      integrationLatency: "$context.integrationLatency",
      integrationError: "$context.integrationErrorMessage",
      authorizerError: "$context.authorizer.error",
      sourceIp: "$context.identity.sourceIp",
      userAgent: "$context.identity.userAgent",
    });
    assert.deepEqual(inputs("aws:cloudwatch/logGroup:LogGroup", "api"), {
      name: "/aws/vendedlogs/student-helper-test-api",
      retentionInDays: 30,
    });
  });

  it("is reached at its own endpoint, or where the stack says", async () => {
    const own = await make();
    const given = await make({ baseUrl: "http://localhost:4566/_aws/execute-api/{apiId}/$default" });

    assert.equal(await valueOf(own.result.baseUrl), "https://api123.execute-api.eu-central-1.amazonaws.com");
    assert.equal(await valueOf(given.result.baseUrl), "http://localhost:4566/_aws/execute-api/api123/$default");
  });

  it("lists all invalid arguments in one error", async () => {
    const target = args.functions["api"]!.target;
    const functions = { api: { target, routes: [{ route: "FETCH items" }] } };

    await assert.rejects(make({ functions, corsOrigins: [], throttleRate: 0, throttleBurst: 5001 }), {
      message: [
        'HttpApi "api" has 4 problems; it was not created:',
        "  1. functions.api.routes[0].route",
        '     received: "FETCH items"',
        "     allowed:  a method and a path, such as GET /items/{item_id}",
        '     fix:      correct functions.api.routes[0].route where HttpApi "api" is made',
        "  2. corsOrigins",
        "     received: []",
        "     allowed:  at least one origin",
        '     fix:      correct corsOrigins where HttpApi "api" is made',
        "  3. throttleRate",
        "     received: 0",
        "     allowed:  an integer from 1 to 10000 (requests per second)",
        '     fix:      correct throttleRate where HttpApi "api" is made',
        "  4. throttleBurst",
        "     received: 5001",
        "     allowed:  an integer from 1 to 5000 (requests)",
        '     fix:      correct throttleBurst where HttpApi "api" is made',
      ].join("\n"),
    });
  });
});
