/**
 * The registry: one entry for each container-image function.
 *
 * To add a function, add a folder `images/<name>/` and an entry here. Its repository, image, role, log group, version and
 * alias, and the routes that lead to it, follow from the entry; a function may do what its entry says, and nothing else.
 */
import type { HttpRoute } from "./components/httpApi";
import type { ObjectAction } from "./components/internal/statements";

/** The parameters of a stack, below `/student-helper/<stack>/`. */
export type ParameterName =
  | "anthropic/api_key"
  | "anthropic/model"
  | "cognito/client_id"
  | "cognito/user_pool_id"
  | "storage/bucket"
  | "voyage/api_key"
  | "voyage/model";

/** What a function is, may touch, and is woken by. */
export interface FunctionDefinition {
  /** One sentence for the Lambda console. */
  readonly description: string;
  /** Memory in megabytes, 128 to 10240; the share of CPU grows with it. A stack's configuration may override it. */
  readonly memoryMegabytes: number;
  /** Longest run in seconds, 1 to 900, for a function with routes 29. A stack's configuration may override it. */
  readonly timeoutSeconds: number;
  /** Executions at a time that are kept for, and the most that run of, this function; unset: the account's shared pool. */
  readonly reservedConcurrency?: number;
  /** The parameters that it may read. */
  readonly parameters: readonly ParameterName[];
  /** What it may do with which objects of the upload bucket: key prefix (ends in `/`) to actions. */
  readonly uploads: Readonly<Record<string, readonly ObjectAction[]>>;
  /** The routes of the HTTP API that invoke it. */
  readonly routes: readonly HttpRoute[];
}

export const functions = {
  api: {
    description: "Answers the HTTP API: uploads, and what became of them",
    memoryMegabytes: 512,
    timeoutSeconds: 15,
    parameters: ["storage/bucket", "cognito/client_id"],
    // Writing is what a presigned POST does with the signer's permission.
    uploads: { "uploads/": ["read", "write", "delete", "list"] },
    routes: [
      { route: "GET /health", public: true },
      { route: "GET /openapi.json" },
      { route: "POST /uploads" },
      { route: "GET /items" },
      { route: "GET /items/{item_id}" },
      { route: "DELETE /items/{item_id}" },
    ],
  },
} as const satisfies Record<string, FunctionDefinition>;

/** Name of a function: its entry here, its folder below `images/`, its name in AWS. */
export type FunctionName = keyof typeof functions;
