import * as aws from "@pulumi/aws";
import { type Fixture, resource, testControls } from "../tests/support/policies";
import * as apiGateway from "./apiGateway";

const route = (props: Record<string, unknown>): Fixture =>
  resource(aws.apigatewayv2.Route, { routeKey: "GET /items", ...props });
const stage = (props: Record<string, unknown>): Fixture => resource(aws.apigatewayv2.Stage, props);
const api = (allowOrigins: string[]): Fixture =>
  resource(aws.apigatewayv2.Api, { corsConfiguration: { allowOrigins } });

testControls(apiGateway, {
  authorization: {
    kept: { "a JWT authorizer": [route({ authorizationType: "JWT" })] },
    broken: {
      "no authorization": {
        resources: [route({ authorizationType: "NONE" })],
        problem: "GET /items answers everyone.",
      },
      "authorization as by default": { resources: [route({})], problem: "GET /items answers everyone." },
    },
  },
  accessLog: {
    kept: { "an access log": [stage({ accessLogSettings: { destinationArn: "arn", format: "{}" } })] },
    broken: { "no access log": { resources: [stage({})], problem: "Nobody can tell who called." } },
  },
  throttling: {
    kept: {
      "a rate and a burst": [stage({ defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 } })],
    },
    broken: {
      "a rate alone": {
        resources: [stage({ defaultRouteSettings: { throttlingRateLimit: 50 } })],
        problem: "Requests are not throttled.",
      },
      "no settings": { resources: [stage({})], problem: "Requests are not throttled." },
    },
  },
  namedOrigins: {
    kept: {
      "named origins": [api(["https://app.example.org"])],
      "no pages at all": [resource(aws.apigatewayv2.Api, {})],
    },
    broken: {
      everyone: { resources: [api(["*"])], problem: "Pages of * may call the API." },
      "every site with TLS": {
        resources: [api(["https://app.example.org", "https://*"])],
        problem: "Pages of https://* may call the API.",
      },
    },
  },
});
