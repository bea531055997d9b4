/** What is let pass for now; policies.test.ts finds what nothing needs. */
import { functions, imageFunctions } from "../functions";

/** Leave to violate one control until a day. */
export interface Suppression {
  /** Id of the control. */
  readonly control: string;
  /** Type of the resources, such as `aws:ecr/repository:Repository`. */
  readonly type: string;
  /** Logical names of the resources. */
  readonly names: readonly string[];
  /** `Sid` of the only statement that is meant; unset where the control is not about statements. */
  readonly statement?: string;
  /** The stacks that it holds for. */
  readonly stacks: readonly StackName[];
  /** Why, in a sentence. */
  readonly reason: string;
  /** The last day, as an ISO date: then it is to be decided anew. */
  readonly until: string;
}

export type StackName = "local" | "dev" | "pr" | "staging" | "prod";

const until = "2027-03-31";
/** Those that somebody needs leave to deploy: access/. */
const cloudStacks: readonly StackName[] = ["dev", "pr", "staging", "prod"];
const stacks: readonly StackName[] = ["local", ...cloudStacks];
/** Whose data may be deleted with the stack (protectData). */
const disposable: readonly StackName[] = ["local", "dev", "pr"];
const functionNames = Object.keys(functions);

const logGroupType = "aws:cloudwatch/logGroup:LogGroup";
const functionType = "aws:lambda/function:Function";
const bucket = { type: "aws:s3/bucket:Bucket", names: ["uploads"] };
const table = { type: "aws:dynamodb/table:Table", names: ["checkpoints"] };
const deployPolicy = { type: "aws:iam/rolePolicy:RolePolicy", names: ["access-deploy"] };
const database = { type: "aws:rds/instance:Instance", names: ["database"] };
const userPool = { type: "aws:cognito/userPool:UserPool", names: ["users"] };

export const suppressions: readonly Suppression[] = [
  {
    control: "APIGateway.Cors",
    type: "aws:apigatewayv2/api:Api",
    names: ["api"],
    stacks: ["local"],
    reason: "A page that is being written is served from any port; nobody reaches the API but this machine.",
    until,
  },
  {
    control: "APIGateway.8",
    type: "aws:apigatewayv2/route:Route",
    names: ["api-get-health"],
    stacks,
    reason: "Monitors ask whether the system is well without an account; the answer holds nothing of anyone.",
    until,
  },
  {
    control: "CloudWatch.Encryption",
    type: logGroupType,
    // The API's access log has the name of its function.
    names: [...functionNames, "database-postgresql", "database-upgrade"],
    stacks,
    reason:
      "CloudWatch encrypts logs with its own key; a key of KMS is paid for, and logs hold no content of students.",
    until,
  },
  {
    control: "CloudWatch.Encryption",
    type: logGroupType,
    names: ["database-proxy"],
    stacks: ["staging", "prod"],
    reason: "As of the other logs; the proxy's tell of connections, and of no statements.",
    until,
  },
  {
    control: "Cognito.1",
    ...userPool,
    stacks,
    reason: "Threat protection needs Cognito's plan Plus, which is paid for each user.",
    until,
  },
  {
    control: "Cognito.5",
    ...userPool,
    stacks,
    reason: "A second factor is each student's choice: many have no device for it, and no app asks to set one up yet.",
    until,
  },
  {
    control: "DynamoDB.6",
    ...table,
    stacks: disposable,
    reason: "Data of this stack is not protected (protectData), so that it can be taken down.",
    until,
  },
  {
    control: "DynamoDB.Encryption",
    ...table,
    stacks,
    reason: "DynamoDB encrypts with its own key; checkpoints say which step was done, and expire.",
    until,
  },
  {
    control: "ECR.2",
    type: "aws:ecr/repository:Repository",
    names: Object.keys(imageFunctions).map((image) => `${image}-cache`),
    stacks,
    reason: "The build cache's tag moves with each build; nothing runs what is in there.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/rolePolicy:RolePolicy",
    names: functionNames,
    statement: "ConnectToNetwork",
    stacks,
    reason:
      "Lambda makes interfaces, which have no name yet, with a function's role; another statement denies its code the same.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/rolePolicy:RolePolicy",
    names: functionNames,
    statement: "SendTraces",
    stacks,
    reason: "X-Ray's actions know no resource; they send traces, and read none.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/policy:Policy",
    names: ["access-boundary"],
    statement: "ConnectToNetwork",
    stacks: cloudStacks,
    reason: "The boundary must allow what the roles of functions are let pass.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/policy:Policy",
    names: ["access-boundary"],
    statement: "SendTraces",
    stacks: cloudStacks,
    reason: "The boundary must allow what the roles of functions are let pass.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/policy:Policy",
    names: ["access-describe"],
    statement: "DescribeAll",
    stacks: cloudStacks,
    reason: "These actions describe, and know no single resource.",
    until,
  },
  {
    control: "IAM.Resources",
    ...deployPolicy,
    statement: "CreateUserPools",
    stacks: cloudStacks,
    reason: "A user pool has no ARN before it is made; a condition asks for the tag of the stack.",
    until,
  },
  {
    control: "IAM.Resources",
    ...deployPolicy,
    statement: "CreateDatabaseProxies",
    stacks: cloudStacks,
    reason: "A database's proxy has no ARN before it is made; a condition asks for the tag of the stack.",
    until,
  },
  {
    control: "IAM.Resources",
    ...deployPolicy,
    statement: "ChangeEventSources",
    stacks: cloudStacks,
    reason: "An event source mapping has no ARN before it is made; a condition names the functions of the stack.",
    until,
  },
  {
    control: "IAM.Resources",
    ...deployPolicy,
    statement: "DeliverAccessLogs",
    stacks: cloudStacks,
    reason: "API Gateway asks for these actions, which know no single resource, of whoever turns on access logs.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/policy:Policy",
    names: ["access-boundary"],
    statement: "ReadMetrics",
    stacks: cloudStacks,
    reason: "The boundary must allow what the roles of functions are let pass.",
    until,
  },
  {
    control: "IAM.Resources",
    type: "aws:iam/rolePolicy:RolePolicy",
    names: ["canary"],
    statement: "ReadMetrics",
    stacks,
    reason: "GetMetricData knows no other resource; metrics are numbers, and hold nothing of students.",
    until,
  },
  {
    control: "Lambda.Concurrency",
    type: functionType,
    names: ["api"],
    stacks,
    reason:
      "The API's throttle bounds it; a reservation fails in accounts with few executions (reservedConcurrency sets one).",
    until,
  },
  {
    control: "Lambda.Concurrency",
    type: functionType,
    names: ["migrate", "canary", "cleanup"],
    stacks,
    reason:
      "An update and a schedule invoke them, a few at a time; a reservation fails in accounts with few executions.",
    until,
  },
  {
    control: "RDS.5",
    ...database,
    stacks: disposable,
    reason: "The database of this stack may fail with its zone; a standby costs as much again.",
    until,
  },
  {
    control: "RDS.6",
    ...database,
    stacks,
    reason: "CloudWatch's own metrics of the database are what alarms will look at; enhanced ones are paid for.",
    until,
  },
  {
    control: "RDS.8",
    ...database,
    stacks: disposable,
    reason: "Data of this stack is not protected (protectData), so that it can be taken down.",
    until,
  },
  {
    control: "RDS.10",
    ...database,
    stacks,
    reason: "Functions sign in by a password of Parameter Store over TLS; nobody else reaches the database.",
    until,
  },
  {
    control: "RDS.11",
    ...database,
    stacks: disposable,
    reason: "Data of this stack is not protected (protectData): a backup of one day will do.",
    until,
  },
  {
    control: "S3.1",
    ...bucket,
    stacks,
    reason: "The setting belongs to the account, which several stacks share; the bucket blocks public access itself.",
    until,
  },
  {
    control: "S3.5",
    ...bucket,
    stacks: ["local"],
    reason: "The emulator speaks plain HTTP, to this machine alone.",
    until,
  },
  {
    control: "S3.9",
    ...bucket,
    stacks,
    reason:
      "It needs a second bucket for the logs; students use this one by URLs that the API signs, and its calls are logged.",
    until,
  },
  {
    control: "S3.13",
    ...bucket,
    stacks: ["local"],
    reason: "The bucket lives no longer than the emulator, and the provider watches a new rule for 50 s.",
    until,
  },
  {
    control: "Tags.Costs",
    type: "pulumi:providers:aws",
    names: ["default"],
    stacks: ["local"],
    reason: "Nothing of the local stack is paid for.",
    until,
  },
];
