/**
 * The architecture of a stack, from top to bottom. The values come from `config.ts`, the functions from `functions.ts`,
 * and what each part is made of is in `components/`.
 */
import * as path from "node:path";
import {
  AlarmTopic,
  Alarms,
  CheckpointTable,
  ContainerFunction,
  type ContainerFunctionArgs,
  ContainerImage,
  Dashboard,
  EventBus,
  EventQueue,
  HttpApi,
  Migration,
  Network,
  ParameterStore,
  PostgresDatabase,
  ReleasePins,
  Schedule,
  StackImages,
  UploadBucket,
  UserPool,
} from "./components";
import { mapDefined, mapRecord } from "./components/internal/records";
import { loadConfig } from "./config";
import {
  functions as registry,
  imageFunctions,
  servingFunctions,
  type FunctionName,
  type ParameterName,
} from "./functions";

const config = loadConfig();
const { permissionsBoundary, protectData, tlsOnly } = config;

// First, so that they are built while all else is compared.
const promoted = config.images.from === undefined ? undefined : new StackImages(config.images.from);
const containerImages = mapRecord(
  imageFunctions,
  (functions, name) =>
    new ContainerImage(name, {
      functions,
      context: path.join(__dirname, "images"),
      copyOf: promoted?.uri(name),
      build: config.imageBuild,
      protectData,
    }),
);

const uploads = new UploadBucket("uploads", {
  corsOrigins: config.corsOrigins,
  tlsOnly,
  recoveryDays: config.recoveryDays,
  protectData,
});
const checkpoints = new CheckpointTable("checkpoints", { protectData });
const pipeline = new EventBus("pipeline");
const users = new UserPool("users", { protectData });
const network = new Network("network", {
  defaultVpc: config.defaultVpc,
  region: config.region,
  natGateways: config.natGateways,
  databaseProxy: config.databaseProxy,
});
const database = new PostgresDatabase("database", {
  network: network.database,
  instanceClass: config.databaseInstanceClass,
  storageGigabytes: config.databaseStorageGigabytes,
  password: config.databasePassword,
  multiAz: config.databaseMultiAz,
  proxyNetwork: network.databaseProxy,
  permissionsBoundary,
  logRetentionDays: config.logRetentionDays,
  protectData,
});

const parameters = new ParameterStore<ParameterName>("parameters", {
  parameters: {
    "anthropic/api_key": { value: config.anthropicApiKey, secret: true },
    "anthropic/model": { value: config.anthropicModel },
    "checkpoints/table": { value: checkpoints.tableName },
    "cognito/client_id": { value: users.clientId },
    "cognito/user_pool_id": { value: users.userPoolId },
    "database/host": { value: database.host },
    "database/name": { value: database.databaseName },
    "database/password": { value: config.databasePassword, secret: true },
    "database/port": { value: database.port.apply(String) },
    "database/url": { value: database.url, secret: true },
    "database/username": { value: database.username },
    "events/bus_name": { value: pipeline.busName },
    "storage/bucket": { value: uploads.bucketName },
    "voyage/api_key": { value: config.voyageApiKey, secret: true },
    "voyage/model": { value: config.voyageModel },
  },
});

const vendorUrls = mapDefined(
  { ANTHROPIC_BASE_URL: config.anthropicBaseUrl, VOYAGE_BASE_URL: config.voyageBaseUrl },
  (url) => url,
);

const queues = mapDefined(config.functions, ({ consumes, timeoutSeconds }, name) => {
  if (consumes === undefined) return undefined;
  const source = "uploads" in consumes ? uploads.objectCreated(consumes.uploads) : pipeline.events(consumes.events);
  return new EventQueue(name, { source, consumerTimeoutSeconds: timeoutSeconds, tlsOnly });
});

const pins = new ReleasePins("releases");

// The others' new code serves once the database's schema is what it expects, and a canary, if there is one, went well.
const migrate = containerFunction("migrate");
const canary = containerFunction("canary");
const migration = new Migration("migration", {
  migrate,
  databaseId: database.resourceId,
  dependsOn: [network, parameters],
});
const partsOfUpdates: Partial<Record<FunctionName, ContainerFunction>> = { migrate, canary };
const containerFunctions = mapRecord(config.functions, ({ routes }, name) => {
  const alarmNames = Alarms.againstVersionsOf(name, routes !== undefined);
  const rollout = {
    servesAfter: [migration],
    canary: config.canary && { ...config.canary, function: canary, alarmNames },
  };
  return partsOfUpdates[name] ?? containerFunction(name, rollout);
});

function containerFunction(
  name: FunctionName,
  rollout: Pick<ContainerFunctionArgs, "servesAfter" | "canary"> = {},
): ContainerFunction {
  const { consumes, ...definition } = config.functions[name];
  const queue = queues[name];
  return new ContainerFunction(name, {
    description: definition.description,
    image: containerImages[registry[name].image],
    command: definition.command,
    memoryMegabytes: definition.memoryMegabytes,
    timeoutSeconds: definition.timeoutSeconds,
    reservedConcurrency: definition.reservedConcurrency,
    environment: {
      STACK: config.stack,
      PARAMETER_PREFIX: parameters.prefix,
      PARAMETER_NAMES: definition.parameters.join(","),
      MAX_UPLOAD_BYTES: `${config.maxUploadMegabytes * 1024 * 1024}`,
      ...vendorUrls,
    },
    parameters: definition.parameters.map((parameter) => `${parameters.prefix}/${parameter}`),
    bucketArn: uploads.arn,
    objects: definition.objects,
    tableArn: checkpoints.arn,
    checkpoints: definition.checkpoints,
    publishesTo: definition.publishes && pipeline.arn,
    shiftsTrafficOf: definition.shiftsTraffic && servingFunctions,
    readsOwnImage: definition.readsOwnImage,
    consumes: queue && consumes && { queue, maximumConcurrency: consumes.maximumConcurrency },
    network: network.functions,
    permissionsBoundary,
    pinnedVersion: pins.pinnedVersion(name),
    ...rollout,
    logLevel: config.logLevel,
    logRetentionDays: config.logRetentionDays,
  });
}

for (const name of Object.keys(config.functions) as FunctionName[]) {
  const { schedule } = config.functions[name];
  if (schedule !== undefined) {
    new Schedule(name, { expression: schedule, aliasArn: containerFunctions[name].aliasArn, permissionsBoundary });
  }
}

const httpApi = new HttpApi("api", {
  functions: mapDefined(config.functions, ({ routes }, name) => routes && { target: containerFunctions[name], routes }),
  tokens: { issuer: users.issuer, audience: users.clientId, scope: UserPool.userScope },
  corsOrigins: config.corsOrigins,
  throttleRate: config.throttleRate,
  throttleBurst: config.throttleBurst,
  logRetentionDays: config.logRetentionDays,
  baseUrl: config.apiBaseUrl,
});

const watched = {
  functions: mapRecord(config.functions, ({ timeoutSeconds, routes, consumes, errorsMean }, name) => ({
    functionName: containerFunctions[name].functionName,
    timeoutSeconds,
    queue: queues[name],
    countsFaults: (routes ?? consumes) !== undefined,
    errorsMean,
  })),
  api: httpApi,
  database,
};
const alarmTopic = new AlarmTopic("alarms", { emails: config.alarmEmails, tlsOnly });
const alarms = new Alarms("alarms", { watched, topicArn: alarmTopic.arn });
const dashboard = new Dashboard("dashboard", {
  watched,
  alarmArns: alarms.arns,
  region: config.region,
  consoleUrl: config.consoleUrl,
});

export const ALARM_TOPIC_ARN = alarmTopic.arn;
export const API_BASE_URL = httpApi.baseUrl;
export const AWS_ENDPOINT_URL = config.awsEndpointUrl;
export const AWS_REGION = config.region;
export const COGNITO_CLIENT_ID = users.clientId;
export const COGNITO_USER_POOL_ID = users.userPoolId;
export const DASHBOARD_URL = dashboard.url;
export const UPLOAD_BUCKET = uploads.bucketName;
export const images = mapRecord(containerImages, ({ imageUri }) => imageUri);
export const functions = mapRecord(containerFunctions, ({ functionName, aliasArn, version }) => ({
  name: functionName,
  aliasArn,
  version,
}));
