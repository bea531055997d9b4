import * as aws from "@pulumi/aws";
import { onEach, type ResourceControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html";

export const authorization: ResourceControl = {
  id: "APIGateway.8",
  description: "A route has an authorization type.",
  remediation: "Set authorizationType to JWT, AWS_IAM or CUSTOM.",
  url: `${url}#apigateway-8`,
  checks: [
    onEach(aws.apigatewayv2.Route, ({ routeKey, authorizationType = "NONE" }, report) => {
      if (authorizationType === "NONE") report(`${routeKey} answers everyone.`);
    }),
  ],
};

export const accessLog: ResourceControl = {
  id: "APIGateway.9",
  description: "A stage has an access log.",
  remediation: "Set accessLogSettings.",
  url: `${url}#apigateway-9`,
  checks: [
    onEach(aws.apigatewayv2.Stage, ({ accessLogSettings }, report) => {
      if (accessLogSettings === undefined) report("Nobody can tell who called.");
    }),
  ],
};

export const throttling: ResourceControl = {
  id: "APIGateway.Throttling",
  description: "A stage bounds the rate of requests and their burst.",
  remediation: "Set throttlingRateLimit and throttlingBurstLimit of defaultRouteSettings, above 0.",
  url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
  checks: [
    onEach(aws.apigatewayv2.Stage, ({ defaultRouteSettings: settings }, report) => {
      if (!settings?.throttlingRateLimit || !settings.throttlingBurstLimit) report("Requests are not throttled.");
    }),
  ],
};

export const namedOrigins: ResourceControl = {
  id: "APIGateway.Cors",
  description: "Pages that may call an API are named.",
  remediation: "Name the origins in corsConfiguration.allowOrigins.",
  url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",
  checks: [
    onEach(aws.apigatewayv2.Api, ({ corsConfiguration }, report) => {
      for (const origin of corsConfiguration?.allowOrigins ?? []) {
        if (origin.includes("*")) report(`Pages of ${origin} may call the API.`);
      }
    }),
  ],
};
