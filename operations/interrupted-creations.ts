/**
 * What becomes of a resource whose creation was under way when an update was killed: by type, how it is found out whether AWS
 * has it, and under which id. A type that the program makes and that is missing here fails a test.
 *
 * Ids are those by which Pulumi imports the type, as the "Import" section of its page says
 * (https://www.pulumi.com/registry/packages/aws/api-docs/).
 */
import type { AwsSettings } from "./deployed-stack";
import { deleteUserPoolClient, find } from "./find-in-aws";
import { deleteSecurityGroup, type Finder } from "./find-in-ec2";
import type { KnownInputs } from "./interrupted-state";

/** What is done about an interrupted creation. */
export type Decision =
  /** It is made once more: AWS, or whatever makes it, puts it in the place of what may be there. */
  | { readonly kind: "again" }
  /** Its id follows from what was asked for: whether it exists, a refresh sees, where that is not asked before. */
  | { readonly kind: "named"; readonly id: (inputs: KnownInputs) => string; readonly exists?: Finder }
  /** AWS gave it an id: it is looked for. */
  | { readonly kind: "searched"; readonly find: Finder }
  /** The same, but taken over it would not be what was asked for: it is deleted, as nothing uses it yet, and made once more. */
  | {
      readonly kind: "discarded";
      readonly find: Finder;
      readonly discard: (id: string, aws: AwsSettings) => Promise<void>;
    };

const again: Decision = { kind: "again" };
const named = (id: (inputs: KnownInputs) => string, exists?: Finder): Decision => ({ kind: "named", id, exists });
const searched = (finder: Finder): Decision => ({ kind: "searched", find: finder });
const discarded = (finder: Finder, discard: (id: string, aws: AwsSettings) => Promise<void>): Decision => ({
  kind: "discarded",
  find: finder,
  discard,
});
const byName = named(({ name }) => name);

const decisions: Readonly<Record<string, Decision>> = {
  "aws:apigatewayv2/api:Api": searched(find.api),
  "aws:apigatewayv2/authorizer:Authorizer": searched(find.authorizer),
  "aws:apigatewayv2/integration:Integration": searched(find.integration),
  "aws:apigatewayv2/route:Route": searched(find.route),
  "aws:apigatewayv2/stage:Stage": searched(find.stage),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": again,
  "aws:cloudwatch/dashboard:Dashboard": again,
  "aws:cloudwatch/eventBus:EventBus": byName,
  "aws:cloudwatch/eventRule:EventRule": again,
  "aws:cloudwatch/eventTarget:EventTarget": again,
  "aws:cloudwatch/logGroup:LogGroup": byName,
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": again,
  "aws:cloudwatch/metricAlarm:MetricAlarm": again,
  "aws:cognito/userPool:UserPool": searched(find.userPool),
  // Imported, it would be replaced: whether it has a secret cannot be read.
  "aws:cognito/userPoolClient:UserPoolClient": discarded(find.userPoolClient, deleteUserPoolClient),
  "aws:dynamodb/table:Table": byName,
  // Nothing is made: the group that every VPC has is taken over.
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": again,
  "aws:ec2/eip:Eip": searched(find.address),
  "aws:ec2/internetGateway:InternetGateway": searched(find.internetGateway),
  "aws:ec2/natGateway:NatGateway": searched(find.natGateway),
  "aws:ec2/route:Route": named(({ routeTableId, destinationCidrBlock }) => `${routeTableId}_${destinationCidrBlock}`),
  "aws:ec2/routeTable:RouteTable": searched(find.routeTable),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": searched(find.routeTableAssociation),
  // EC2 lets a new group's members reach everybody, which the AWS plugin takes back in a second call.
  "aws:ec2/securityGroup:SecurityGroup": discarded(find.securityGroup, deleteSecurityGroup),
  "aws:ec2/subnet:Subnet": searched(find.subnet),
  "aws:ec2/vpc:Vpc": searched(find.vpc),
  "aws:ec2/vpcEndpoint:VpcEndpoint": searched(find.vpcEndpoint),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": again,
  "aws:ecr/repository:Repository": byName,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": again,
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": searched(find.openIdConnectProvider),
  "aws:iam/role:Role": byName,
  "aws:iam/rolePolicy:RolePolicy": again,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": again,
  "aws:lambda/alias:Alias": named(({ functionName, name }) => `${functionName}/${name}`),
  "aws:lambda/eventSourceMapping:EventSourceMapping": searched(find.eventSourceMapping),
  "aws:lambda/function:Function": byName,
  // A call, and not a thing: what it calls takes a repeated one.
  "aws:lambda/invocation:Invocation": again,
  "aws:lambda/permission:Permission": searched(find.permission),
  // For an id that there is not, the AWS plugin goes on to look for another kind of id, which emulators take for any.
  "aws:rds/instance:Instance": named(({ identifier }) => identifier, find.databaseInstance),
  "aws:rds/parameterGroup:ParameterGroup": byName,
  "aws:rds/proxy:Proxy": byName,
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": again,
  "aws:rds/proxyTarget:ProxyTarget": named(
    ({ dbProxyName, targetGroupName, dbInstanceIdentifier }) =>
      `${dbProxyName}/${targetGroupName}/RDS_INSTANCE/${dbInstanceIdentifier}`,
  ),
  "aws:rds/subnetGroup:SubnetGroup": byName,
  "aws:s3/bucket:Bucket": named(({ bucket }) => bucket),
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": again,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": again,
  "aws:s3/bucketNotification:BucketNotification": again,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": again,
  "aws:s3/bucketPolicy:BucketPolicy": again,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": again,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": again,
  "aws:s3/bucketVersioning:BucketVersioning": again,
  "aws:scheduler/schedule:Schedule": named(({ groupName, name }) => `${groupName || "default"}/${name}`),
  "aws:secretsmanager/secret:Secret": searched(find.secret),
  "aws:secretsmanager/secretVersion:SecretVersion": again,
  // SNS answers a repeated request with the topic, or the subscription, that is there.
  "aws:sns/topic:Topic": again,
  "aws:sns/topicPolicy:TopicPolicy": again,
  "aws:sns/topicSubscription:TopicSubscription": again,
  "aws:sqs/queue:Queue": searched(find.queue),
  "aws:sqs/queuePolicy:QueuePolicy": again,
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": again,
  "aws:ssm/parameter:Parameter": byName,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": searched(find.securityGroupRule(true)),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": searched(find.securityGroupRule(false)),
  // What was pushed of the image is used again; pushed by digest, it is the same one.
  "docker-build:index:Image": again,
};

/** Types whose resources hold data: one that is in use is never given up for another one that was found. */
const dataTypes = [
  "aws:cognito/userPool:UserPool",
  "aws:dynamodb/table:Table",
  "aws:ecr/repository:Repository",
  "aws:rds/instance:Instance",
  "aws:s3/bucket:Bucket",
];

/** Whether resources of a type hold data. */
export const holdsData = (type: string): boolean => dataTypes.includes(type);

/** What is done about an interrupted creation of a type; undefined for a type that nobody has decided about. */
export function decisionFor(type: string): Decision | undefined {
  return decisions[type];
}
