/**
 * What it takes to deploy a stack: for each type of resource that the program makes, the actions by which Pulumi's AWS
 * provider reads it, changes it, and deletes what holds data.
 *
 * A new type belongs into the list `types` of a group, with its actions; tests/access.test.ts names it until it is there.
 * Which actions there are, and which know single resources:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */

/** The types of resources of a service, how they are called, and what is done with them. */
export interface PermissionGroup {
  readonly types: readonly string[];
  /** Prefix of the actions. */
  readonly service: string;
  /** ARNs without `arn:aws:`. */
  readonly resources: (names: StackNames) => readonly string[];
  /** Actions, with blanks between. */
  readonly read: string;
  readonly change: string;
  /** What makes data go for good, with stacks that do not protect theirs. */
  readonly forget?: string;
  /**
   * Set where an ARN says nothing about the stack, so that the resource's tag `stack` has to: `own`, it is the stack's;
   * `no other's`, it is the stack's or there is none, where AWS has no tags for some of the types.
   */
  readonly byTag?: "own" | "no other's";
}

/** What the ARNs of a stack's resources are made of. */
export interface StackNames {
  readonly account: string;
  readonly region: string;
  /** `eu-central-1:123456789012`. */
  readonly here: string;
  /** `student-helper-dev-*`. */
  readonly named: string;
  /** `student-helper/dev/*`. */
  readonly below: string;
}

export const permissionGroups: Readonly<Record<string, PermissionGroup>> = {
  Alarms: {
    types: ["aws:cloudwatch/dashboard:Dashboard", "aws:cloudwatch/metricAlarm:MetricAlarm"],
    service: "cloudwatch",
    resources: ({ here, account, named }) => [
      `cloudwatch:${here}:alarm:${named}`,
      `cloudwatch::${account}:dashboard/${named}`,
    ],
    read: "GetDashboard ListTagsForResource",
    change: "DeleteAlarms DeleteDashboards PutDashboard PutMetricAlarm TagResource UntagResource",
  },
  // Of an API's parts its stages alone have tags, and the others do not inherit the API's:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
  // Who tags one, if only by making it, is also asked for leave to use its tags, whose ARN ends in the API's, encoded, or
  // `*` for one that is new. No condition tells whose those are: they bear no tag themselves.
  Apis: {
    types: [
      "aws:apigatewayv2/api:Api",
      "aws:apigatewayv2/authorizer:Authorizer",
      "aws:apigatewayv2/integration:Integration",
      "aws:apigatewayv2/route:Route",
      "aws:apigatewayv2/stage:Stage",
    ],
    service: "apigateway",
    resources: ({ region }) => [
      `apigateway:${region}::/apis`,
      `apigateway:${region}::/apis/*`,
      `apigateway:${region}::/tags/*%2Fapis%2F*`,
    ],
    byTag: "no other's",
    read: "GET",
    change: "DELETE PATCH POST PUT TagResource UntagResource",
  },
  Buckets: {
    types: [
      "aws:s3/bucket:Bucket",
      "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "aws:s3/bucketNotification:BucketNotification",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
      "aws:s3/bucketPolicy:BucketPolicy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "aws:s3/bucketVersioning:BucketVersioning",
    ],
    service: "s3",
    resources: ({ named }) => [`s3:::${named}`],
    // About buckets; nothing reads an object.
    read: `GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification
      GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock
      GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
      GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListTagsForResource`,
    change: `CreateBucket DeleteBucketPolicy PutBucketCORS PutBucketNotification PutBucketOwnershipControls PutBucketPolicy
      PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration
      TagResource UntagResource`,
    forget: "DeleteBucket DeleteObject DeleteObjectVersion ListBucketVersions",
  },
  Databases: {
    types: ["aws:rds/instance:Instance", "aws:rds/parameterGroup:ParameterGroup", "aws:rds/subnetGroup:SubnetGroup"],
    service: "rds",
    resources: ({ here, named }) => [
      `rds:${here}:db:${named}`,
      `rds:${here}:og:default*`,
      `rds:${here}:pg:${named}`,
      `rds:${here}:snapshot:${named}`,
      `rds:${here}:subgrp:${named}`,
    ],
    // The instance itself is among what is described of everything: see describeStatements.
    read: "DescribeDBParameterGroups DescribeDBParameters DescribeDBSnapshots DescribeDBSubnetGroups ListTagsForResource",
    change: `AddTagsToResource CreateDBInstance CreateDBParameterGroup CreateDBSnapshot CreateDBSubnetGroup
      DeleteDBParameterGroup DeleteDBSubnetGroup ModifyDBInstance ModifyDBParameterGroup ModifyDBSubnetGroup
      RebootDBInstance RemoveTagsFromResource ResetDBParameterGroup`,
    forget: "DeleteDBInstance",
  },
  // A proxy's ARN holds an id; the provider gives no tags to its default target group. To make one is among the statements
  // of what has no ARN yet: see creationStatements.
  DatabaseProxies: {
    types: [
      "aws:rds/proxy:Proxy",
      "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
      "aws:rds/proxyTarget:ProxyTarget",
    ],
    service: "rds",
    resources: ({ here, named }) => [`rds:${here}:db-proxy:*`, `rds:${here}:target-group:*`, `rds:${here}:db:${named}`],
    byTag: "no other's",
    read: "DescribeDBProxies DescribeDBProxyTargetGroups DescribeDBProxyTargets ListTagsForResource",
    change: `AddTagsToResource DeleteDBProxy DeregisterDBProxyTargets ModifyDBProxy ModifyDBProxyTargetGroup
      RegisterDBProxyTargets RemoveTagsFromResource`,
  },
  Events: {
    types: [
      "aws:cloudwatch/eventBus:EventBus",
      "aws:cloudwatch/eventRule:EventRule",
      "aws:cloudwatch/eventTarget:EventTarget",
    ],
    service: "events",
    resources: ({ here, named }) => [`events:${here}:event-bus/${named}`, `events:${here}:rule/${named}`],
    read: "DescribeEventBus DescribeRule ListTagsForResource ListTargetsByRule",
    change: `CreateEventBus DeleteEventBus DeleteRule DisableRule EnableRule PutRule PutTargets RemoveTargets TagResource
      UntagResource UpdateEventBus`,
  },
  Functions: {
    types: [
      "aws:lambda/alias:Alias",
      "aws:lambda/function:Function",
      "aws:lambda/invocation:Invocation",
      "aws:lambda/permission:Permission",
    ],
    service: "lambda",
    resources: ({ here, named }) => [`lambda:${here}:function:${named}`],
    read: `GetAlias GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetPolicy ListTags
      ListVersionsByFunction`,
    // An update invokes the migration of the database.
    change: `AddPermission CreateAlias CreateFunction DeleteAlias DeleteFunction DeleteFunctionConcurrency InvokeFunction
      PublishVersion PutFunctionConcurrency RemovePermission TagResource UntagResource UpdateAlias UpdateFunctionCode
      UpdateFunctionConfiguration`,
  },
  Images: {
    types: [
      "aws:ecr/lifecyclePolicy:LifecyclePolicy",
      "aws:ecr/repository:Repository",
      "aws:ecr/repositoryPolicy:RepositoryPolicy",
      "docker-build:index:Image",
    ],
    service: "ecr",
    resources: ({ here, named }) => [`ecr:${here}:repository/${named}`],
    read: `BatchCheckLayerAvailability BatchGetImage DescribeImageScanFindings DescribeImages DescribeRepositories
      GetDownloadUrlForLayer GetLifecyclePolicy GetRepositoryPolicy ListTagsForResource`,
    change: `CompleteLayerUpload CreateRepository DeleteLifecyclePolicy DeleteRepositoryPolicy InitiateLayerUpload PutImage
      PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy SetRepositoryPolicy TagResource UntagResource
      UploadLayerPart`,
    forget: "BatchDeleteImage DeleteRepository",
  },
  Logs: {
    types: ["aws:cloudwatch/logGroup:LogGroup"],
    service: "logs",
    resources: ({ here, named }) => [`logs:${here}:log-group:/aws/*/${named}`],
    read: "ListTagsForResource",
    change: "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy PutRetentionPolicy TagResource UntagResource",
  },
  Parameters: {
    types: ["aws:ssm/parameter:Parameter"],
    service: "ssm",
    resources: ({ here, below }) => [`ssm:${here}:parameter/${below}`],
    read: "GetParameter GetParameters GetParametersByPath ListTagsForResource",
    change: "AddTagsToResource DeleteParameter PutParameter RemoveTagsFromResource",
  },
  Queues: {
    types: ["aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"],
    service: "sqs",
    resources: ({ here, named }) => [`sqs:${here}:${named}`],
    read: "GetQueueAttributes GetQueueUrl ListQueueTags",
    change: "CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue",
  },
  Schedules: {
    types: ["aws:scheduler/schedule:Schedule"],
    service: "scheduler",
    resources: ({ here, named }) => [`scheduler:${here}:schedule/default/${named}`],
    read: "GetSchedule",
    change: "CreateSchedule DeleteSchedule UpdateSchedule",
  },
  Secrets: {
    types: ["aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"],
    service: "secretsmanager",
    resources: ({ here, named }) => [`secretsmanager:${here}:secret:${named}`],
    read: "DescribeSecret GetResourcePolicy GetSecretValue",
    change: `CreateSecret DeleteSecret PutSecretValue TagResource UntagResource UpdateSecret UpdateSecretVersionStage`,
  },
  Tables: {
    types: ["aws:dynamodb/table:Table"],
    service: "dynamodb",
    resources: ({ here, named }) => [`dynamodb:${here}:table/${named}`],
    // About tables; nothing reads an item.
    read: "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource",
    change: "CreateTable TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive",
    forget: "DeleteTable",
  },
  Topics: {
    types: ["aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:sns/topicSubscription:TopicSubscription"],
    service: "sns",
    resources: ({ here, named }) => [`sns:${here}:${named}`],
    read: "GetSubscriptionAttributes GetTopicAttributes ListTagsForResource",
    change: `CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe
      UntagResource`,
  },
  UserPools: {
    types: ["aws:cognito/userPool:UserPool", "aws:cognito/userPoolClient:UserPoolClient"],
    service: "cognito-idp",
    resources: ({ here }) => [`cognito-idp:${here}:userpool/*`],
    byTag: "own",
    // About pools; nothing reads a user.
    read: "DescribeUserPool DescribeUserPoolClient GetUserPoolMfaConfig ListTagsForResource",
    change: `CreateUserPoolClient DeleteUserPoolClient SetUserPoolMfaConfig TagResource UntagResource UpdateUserPool
      UpdateUserPoolClient`,
    forget: "DeleteUserPool",
  },
};
