/**
 * The architecture of a stack, from top to bottom. The values come from `config.ts`, the functions from `functions.ts`,
 * and what each part is made of is in `components/`.
 */
import * as path from "node:path";
import { ContainerFunction, HttpApi, ParameterStore, UploadBucket, UserPool } from "./components";
import { mapRecord } from "./components/internal/records";
import { loadConfig } from "./config";
import type { ParameterName } from "./functions";

const config = loadConfig();

const uploads = new UploadBucket("uploads", {
  corsOrigins: config.corsOrigins,
  tlsOnly: config.tlsOnly,
  recoveryDays: config.recoveryDays,
  protectData: config.protectData,
});

const users = new UserPool("users", { protectData: config.protectData });

const parameters = new ParameterStore<ParameterName>("parameters", {
  parameters: {
    "anthropic/api_key": { value: config.anthropicApiKey, secret: true },
    "anthropic/model": { value: config.anthropicModel },
    "cognito/client_id": { value: users.clientId },
    "cognito/user_pool_id": { value: users.userPoolId },
    "storage/bucket": { value: uploads.bucketName },
    "voyage/api_key": { value: config.voyageApiKey, secret: true },
    "voyage/model": { value: config.voyageModel },
  },
});

const containerFunctions = mapRecord(
  config.functions,
  (definition, name) =>
    new ContainerFunction(name, {
      description: definition.description,
      context: path.join(__dirname, "images"),
      imageBuild: config.imageBuild,
      memoryMegabytes: definition.memoryMegabytes,
      timeoutSeconds: definition.timeoutSeconds,
      reservedConcurrency: definition.reservedConcurrency,
      environment: {
        STACK: config.stack,
        PARAMETER_PREFIX: parameters.prefix,
        MAX_UPLOAD_BYTES: `${config.maxUploadMegabytes * 1024 * 1024}`,
      },
      parameterArns: definition.parameters.map((parameter) => parameters.arns[parameter]),
      bucketArn: uploads.arn,
      objects: definition.uploads,
      logLevel: config.logLevel,
      logRetentionDays: config.logRetentionDays,
      protectData: config.protectData,
    }),
);

const httpApi = new HttpApi("api", {
  functions: mapRecord(containerFunctions, (target, name) => ({ target, routes: config.functions[name].routes })),
  tokens: { issuer: users.issuer, audience: users.clientId, scope: UserPool.userScope },
  corsOrigins: config.corsOrigins,
  throttleRate: config.throttleRate,
  throttleBurst: config.throttleBurst,
  logRetentionDays: config.logRetentionDays,
  baseUrl: config.apiBaseUrl,
});

export const API_BASE_URL = httpApi.baseUrl;
export const AWS_ENDPOINT_URL = config.awsEndpointUrl;
export const AWS_REGION = config.region;
export const COGNITO_CLIENT_ID = users.clientId;
export const COGNITO_USER_POOL_ID = users.userPoolId;
export const UPLOAD_BUCKET = uploads.bucketName;
export const functions = mapRecord(containerFunctions, ({ functionName, aliasArn, imageUri, version }) => ({
  name: functionName,
  aliasArn,
  imageUri,
  version,
}));
