import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import { checkArguments, integerBetween, textLike } from "./internal/validation";

/** A route of the API. */
export interface HttpRoute {
  /** Method and path, such as `GET /items/{item_id}`. */
  readonly route: string;
  /**
   * Whether it answers without a token.
   *
   * @default false
   */
  readonly public?: true;
}

/** What a route invokes: a function through its alias. */
export interface HttpTarget {
  readonly functionName: pulumi.Input<string>;
  readonly aliasName: pulumi.Input<string>;
  /** ARN by which API Gateway invokes the alias. */
  readonly invokeArn: pulumi.Input<string>;
}

/** Arguments of {@link HttpApi}. */
export interface HttpApiArgs {
  /** Name of each function to the function and the routes that lead to it. */
  readonly functions: Readonly<Record<string, { readonly target: HttpTarget; readonly routes: readonly HttpRoute[] }>>;
  /** Whose tokens are accepted. */
  readonly tokens: {
    /** Their `iss`. */
    readonly issuer: pulumi.Input<string>;
    /** Their `aud` or `client_id`. */
    readonly audience: pulumi.Input<string>;
    /** What their `scope` must hold. */
    readonly scope: string;
  };
  /** Origins of the pages that may call the API. */
  readonly corsOrigins: readonly string[];
  /** Requests per second over all routes, 1 to 10000. */
  readonly throttleRate: number;
  /** Requests at once, 1 to 5000. */
  readonly throttleBurst: number;
  /** How long the access log is kept, in days; one of CloudWatch's values. */
  readonly logRetentionDays: number;
  /**
   * Address under which the API is reached, with `{apiId}` in the place of its id.
   *
   * @default the API's own endpoint
   */
  readonly baseUrl?: string;
}

const rules = z.object({
  name: limits.shortName,
  functions: z.record(
    limits.shortName,
    z.object({
      routes: z.array(
        z.object({
          route: textLike(
            /^(GET|POST|PUT|PATCH|DELETE) \/[\w./{}-]*$/,
            "a method and a path, such as GET /items/{item_id}",
          ),
        }),
      ),
    }),
  ),
  corsOrigins: z.array(z.string()).min(1, { error: "at least one origin" }),
  throttleRate: integerBetween(1, 10000, "requests per second"),
  throttleBurst: integerBetween(1, 5000, "requests"),
  logRetentionDays: limits.logRetentionDays,
});

/**
 * The HTTP API: routes to functions, a JWT authorizer before each that is not public, CORS, throttling and an access log.
 *
 * Meets Security Hub APIGateway.8 (authorization on routes) and APIGateway.9 (access log)
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html).
 *
 * @example
 * const httpApi = new HttpApi("api", {
 *   functions: { api: { target: apiFunction, routes: [{ route: "GET /health", public: true }] } },
 *   tokens: { issuer: users.issuer, audience: users.clientId, scope: UserPool.userScope },
 *   corsOrigins: ["https://app.example.org"],
 *   throttleRate: 50,
 *   throttleBurst: 100,
 *   logRetentionDays: 30,
 * });
 */
export class HttpApi extends pulumi.ComponentResource {
  /** The API's id. */
  readonly apiId: pulumi.Output<string>;
  /** Where clients reach it, without a slash at its end. */
  readonly baseUrl: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: HttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:api:HttpApi", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };

    const api = new aws.apigatewayv2.Api(
      name,
      { name: physicalName(name), protocolType: "HTTP", corsConfiguration: cors(args) },
      parent,
    );
    const authorizer = new aws.apigatewayv2.Authorizer(
      name,
      {
        apiId: api.id,
        name: "access-token",
        authorizerType: "JWT",
        identitySources: ["$request.header.Authorization"],
        jwtConfiguration: { issuer: args.tokens.issuer, audiences: [args.tokens.audience] },
      },
      // A JWT authorizer has no payload; emulators of AWS report a format for it, which would be a difference each time.
      { ...parent, ignoreChanges: ["authorizerPayloadFormatVersion"] },
    );
    for (const [functionName, { target, routes }] of Object.entries(args.functions)) {
      const integration = new aws.apigatewayv2.Integration(
        `${name}-${functionName}`,
        {
          apiId: api.id,
          integrationType: "AWS_PROXY",
          integrationMethod: "POST", // How Lambda is invoked, whatever the route's own method.
          integrationUri: target.invokeArn,
          payloadFormatVersion: "2.0",
        },
        parent,
      );
      new aws.lambda.Permission(
        `${name}-${functionName}`,
        {
          action: "lambda:InvokeFunction",
          function: target.functionName,
          qualifier: target.aliasName,
          principal: "apigateway.amazonaws.com",
          // Any stage and route of this API: which function a route leads to is the API's own matter.
          sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        },
        parent,
      );
      for (const { route, public: isPublic } of routes) {
        new aws.apigatewayv2.Route(
          `${name}-${slug(route)}`,
          {
            apiId: api.id,
            routeKey: route,
            target: pulumi.interpolate`integrations/${integration.id}`,
            ...(isPublic === true
              ? { authorizationType: "NONE" }
              : {
                  authorizationType: "JWT",
                  authorizerId: authorizer.id,
                  authorizationScopes: [args.tokens.scope],
                }),
          },
          parent,
        );
      }
    }
    const accessLog = new aws.cloudwatch.LogGroup(
      name,
      // The prefix that AWS's log delivery has leave to write below, without a statement for each group:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
      { name: `/aws/vendedlogs/${physicalName(name)}`, retentionInDays: args.logRetentionDays },
      parent,
    );
    new aws.apigatewayv2.Stage(
      name,
      {
        apiId: api.id,
        name: "$default",
        autoDeploy: true,
        accessLogSettings: { destinationArn: accessLog.arn, format: accessLogFormat },
        defaultRouteSettings: {
          throttlingRateLimit: args.throttleRate,
          throttlingBurstLimit: args.throttleBurst,
        },
      },
      parent,
    );

    this.apiId = api.id;
    this.baseUrl =
      args.baseUrl === undefined
        ? api.apiEndpoint
        : api.id.apply((id) => (args.baseUrl ?? "").replaceAll("{apiId}", id));
    this.registerOutputs({ apiId: this.apiId, baseUrl: this.baseUrl });
  }
}

function cors({ functions, corsOrigins }: HttpApiArgs): aws.types.input.apigatewayv2.ApiCorsConfiguration {
  const routes = Object.values(functions).flatMap((entry) => entry.routes);
  return {
    allowOrigins: [...corsOrigins],
    allowMethods: [...new Set(routes.map(({ route }) => route.split(" ")[0] ?? ""))].sort(),
    allowHeaders: ["authorization", "content-type"],
    maxAge: 3600,
  };
}

/** `GET /items/{item_id}` as a part of a logical name: `get-items-item_id`. */
function slug(route: string): string {
  return (route.toLowerCase().match(/\w+/g) ?? []).join("-");
}

/**
 * One JSON object for each request; nothing of its content, and no claim of its token.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const accessLogFormat = JSON.stringify({
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
