/**
 * The registry: one entry for each container-image function.
 *
 * To add a function, add a folder `images/<name>/` and an entry here. Its repository, image, role, log group, version and
 * alias, its queue, its alarms and its row of the dashboard, and the routes that lead to it follow from the entry; a
 * function may do what its entry says, and nothing else.
 */
import type { HttpRoute } from "./components/httpApi";
import type { Meaning } from "./components/internal/watched";
import type { CheckpointAction, ObjectAction } from "./components/internal/statements";

/** The parameters of a stack, below `/student-helper/<stack>/`. */
export type ParameterName =
  | "anthropic/api_key"
  | "anthropic/model"
  | "checkpoints/table"
  | "cognito/client_id"
  | "cognito/user_pool_id"
  | "database/host"
  | "database/name"
  | "database/password"
  | "database/port"
  | "database/url"
  | "database/username"
  | "events/bus_name"
  | "storage/bucket"
  | "voyage/api_key"
  | "voyage/model";

/** The pipeline's own events; their form is in student_helper.events. */
export type PipelineEvent = "ImageProcessed" | "DocumentProcessed" | "ItemAnalyzed";

/** The events that wake a function, through a queue of its own. */
export type Consumption = (
  | {
      /** Uploads whose key begins so. */
      readonly uploads: string;
    }
  | {
      /** The pipeline's own events. */
      readonly events: readonly PipelineEvent[];
    }
) & {
  /** Events that are worked on at a time, 2 to 1000. */
  readonly maximumConcurrency: number;
};

/** What a function is, may touch, and is woken by. */
export interface FunctionDefinition {
  /** One sentence for the Lambda console. */
  readonly description: string;
  /** Folder of its image below `images/`. */
  readonly image: string;
  /** What it runs of the image; unset: the image's own handler. */
  readonly command?: readonly string[];
  /** Memory in megabytes, 128 to 10240; the share of CPU grows with it. A stack's configuration may override it. */
  readonly memoryMegabytes: number;
  /** Longest run in seconds, 1 to 900, for a function with routes 29. A stack's configuration may override it. */
  readonly timeoutSeconds: number;
  /** Executions at a time that are kept for, and the most that run of, this function; unset: the account's shared pool. */
  readonly reservedConcurrency?: number;
  /** The parameters that it may read. */
  readonly parameters: readonly ParameterName[];
  /** What it may do with which objects of the bucket: key prefix (ends in `/`) to actions. */
  readonly objects: Readonly<Record<string, readonly ObjectAction[]>>;
  /** What it may do with checkpoints. */
  readonly checkpoints: readonly CheckpointAction[];
  /** Whether it may publish on the pipeline's bus. */
  readonly publishes?: true;
  /** Whether it may ask Lambda which image it runs. */
  readonly readsOwnImage?: true;
  /** Whether it may shift the traffic of the functions that serve between their versions. */
  readonly shiftsTraffic?: true;
  /** The events that wake it. */
  readonly consumes?: Consumption;
  /** When it is woken by the clock, such as `rate(1 hour)`. */
  readonly schedule?: string;
  /** What its errors mean, and where the runbook says what to do; unset: work of students is not done. */
  readonly errorsMean?: Meaning;
  /** The routes of the HTTP API that invoke it. */
  readonly routes?: readonly HttpRoute[];
}

/** What it takes to connect to the database. */
const database = [
  "database/host",
  "database/port",
  "database/name",
  "database/username",
  "database/password",
] as const satisfies readonly ParameterName[];

export const functions = {
  api: {
    description: "Answers the HTTP API: uploads, what became of them, and search",
    image: "api",
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    parameters: [
      ...database,
      "storage/bucket",
      "checkpoints/table",
      "cognito/client_id",
      "voyage/api_key",
      "voyage/model",
    ],
    objects: {
      // Writing is what a presigned POST does with the signer's permission.
      "uploads/": ["read", "write", "delete", "list"],
      "results/": ["read", "delete", "list"],
    },
    checkpoints: ["forget"],
    readsOwnImage: true,
    routes: [
      { route: "GET /health", public: true },
      { route: "GET /openapi.json" },
      { route: "POST /uploads" },
      { route: "GET /items" },
      { route: "GET /items/{item_id}" },
      { route: "DELETE /items/{item_id}" },
      { route: "GET /search" },
    ],
  },
  migrate: {
    description: "Brings the database's schema to what this version's functions expect",
    image: "api",
    command: ["api.migrate.handler"],
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    parameters: database,
    objects: {},
    checkpoints: [],
  },
  "image-processor": {
    description: "Checks an uploaded picture and makes its thumbnail and rendition",
    image: "image-processor",
    memoryMegabytes: 2048,
    timeoutSeconds: 60,
    parameters: [...database, "storage/bucket", "checkpoints/table", "events/bus_name"],
    objects: { "uploads/images/": ["read"], "results/": ["write", "delete"] },
    checkpoints: ["use"],
    publishes: true,
    consumes: { uploads: "uploads/images/", maximumConcurrency: 10 },
  },
  "document-processor": {
    description: "Splits an uploaded document into passages",
    image: "document-processor",
    memoryMegabytes: 2048,
    timeoutSeconds: 120,
    parameters: [...database, "storage/bucket", "checkpoints/table", "events/bus_name"],
    objects: { "uploads/documents/": ["read"] },
    checkpoints: ["use"],
    publishes: true,
    consumes: { uploads: "uploads/documents/", maximumConcurrency: 10 },
  },
  analyzer: {
    description: "Describes pictures and documents",
    image: "analyzer",
    memoryMegabytes: 512,
    // The longest answer of the model, and a minute for the rest.
    timeoutSeconds: 240,
    parameters: [
      ...database,
      "storage/bucket",
      "checkpoints/table",
      "events/bus_name",
      "anthropic/api_key",
      "anthropic/model",
    ],
    objects: { "results/": ["read"] },
    checkpoints: ["use"],
    publishes: true,
    // The vendors' rate limits, rather than the number of uploads, say how much is done at a time.
    consumes: { events: ["ImageProcessed", "DocumentProcessed"], maximumConcurrency: 5 },
  },
  embedder: {
    description: "Turns passages and descriptions into vectors",
    image: "embedder",
    memoryMegabytes: 512,
    timeoutSeconds: 120,
    parameters: [...database, "checkpoints/table", "voyage/api_key", "voyage/model"],
    objects: {},
    checkpoints: ["use"],
    consumes: { events: ["ItemAnalyzed"], maximumConcurrency: 5 },
  },
  cleanup: {
    description: "Removes expired checkpoints, abandoned uploads, and objects and rows without each other",
    image: "cleanup",
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    parameters: [...database, "storage/bucket", "checkpoints/table"],
    objects: { "uploads/": ["list", "delete"], "results/": ["list", "delete"] },
    checkpoints: ["expire"],
    schedule: "rate(1 hour)",
  },
  canary: {
    description: "Tries the new version of a function with a share of its traffic, and watches it",
    image: "canary",
    memoryMegabytes: 256,
    // As long as Lambda allows: configuration says how long a version is watched.
    timeoutSeconds: 900,
    parameters: [],
    objects: {},
    checkpoints: [],
    shiftsTraffic: true,
    errorsMean: {
      sentence: "A new version of a function was taken back, or could not be tried: what was there before serves.",
      section: "canary",
    },
  },
} as const satisfies Record<string, FunctionDefinition>;

/** Name of a function: its entry here, its name in AWS. */
export type FunctionName = keyof typeof functions;

/** The functions that are woken by requests, events or the clock; the others run within an update of the stack. */
export const servingFunctions = Object.entries<FunctionDefinition>(functions).flatMap(
  ([name, { routes, consumes, schedule }]) =>
    (routes ?? consumes ?? schedule) === undefined ? [] : [name as FunctionName],
);

/** Name of an image: its folder below `images/`. */
export type ImageName = (typeof functions)[FunctionName]["image"];

/** The names of the functions that run each image. */
export const imageFunctions = Object.entries(functions).reduce(
  (found, [name, { image }]) => ({ ...found, [image]: [...(found[image] ?? []), name as FunctionName] }),
  {} as Record<ImageName, FunctionName[]>,
);
