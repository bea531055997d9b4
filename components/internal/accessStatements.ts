/** IAM statements of those who deploy a stack: what they may read, what they may change, and the most that its roles may do. */
import { type PermissionGroup, permissionGroups, type StackNames } from "./stackPermissions";
import { networkInterfaceActions, type Statement, traceStatement, trafficStatements } from "./statements";

/** Whose resources are meant. */
export interface StackScope {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly project: string;
  /** The stack's name, which is the value of its resources' tag `stack`. */
  readonly stack: string;
  /** The stacks as a pattern: the name of the one, or `pr-*` for those that are made after the template `pr`. */
  readonly stacks: string;
  /** The stack whose images it takes over; unset: it builds its own. */
  readonly imagesFrom?: string;
}

/** Who may assume the roles of a stack's resources, and so whom they may be passed to. */
const roleServices = ["lambda.amazonaws.com", "rds.amazonaws.com", "scheduler.amazonaws.com"];

/** Services that make themselves a role when an account first uses them, and the role's name. */
const serviceLinkedRoles = {
  "ops.apigateway.amazonaws.com": "AWSServiceRoleForAPIGateway",
  "rds.amazonaws.com": "AWSServiceRoleForRDS",
};

const network = {
  types: [
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    // A component that makes of the above what a VPC is made of.
    "awsx:ec2:Vpc",
  ],
  /** Kinds of resources, as ARNs have them. */
  kinds: [
    "elastic-ip",
    "internet-gateway",
    "natgateway",
    "route-table",
    "security-group",
    "security-group-rule",
    "subnet",
    "vpc",
    "vpc-endpoint",
  ],
  read: `DescribeAccountAttributes DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones
    DescribeInternetGateways DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces DescribePrefixLists
    DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVpcAttribute
    DescribeVpcEndpoints DescribeVpcs`,
  create: `AllocateAddress CreateInternetGateway CreateNatGateway CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpc
    CreateVpcEndpoint`,
  /** Rules are made in a group that is there, hence tagged, and are tagged while they are made. */
  createRules: "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress",
  /** A VPC comes with a default group, which belongs to no stack until it is tagged: what the provider does first. */
  adopt: "CreateTags",
  /**
   * Lambda may leave interfaces behind, without tags, once a function's role is gone; the provider waits until they are
   * detached and deletes them before their security group or subnet. One that is in use cannot be deleted, and detaching
   * stays with Lambda, which refuses everybody else (https://repost.aws/knowledge-center/lambda-eni-find-delete).
   */
  clear: "DeleteNetworkInterface",
  change: `AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateRoute
    CreateTags DeleteInternetGateway DeleteNatGateway DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags
    DeleteVpc DeleteVpcEndpoints DetachInternetGateway DisassociateAddress DisassociateRouteTable ModifySecurityGroupRules
    ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEndpoint ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation
    RevokeSecurityGroupEgress RevokeSecurityGroupIngress`,
};

const roleTypes = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"];
const eventSourceTypes = ["aws:lambda/eventSourceMapping:EventSourceMapping"];

/** Every type of resource that a deployment may make. */
export const deployableTypes: ReadonlySet<string> = new Set([
  ...Object.values(permissionGroups).flatMap(({ types }) => types),
  ...network.types,
  ...roleTypes,
  ...eventSourceTypes,
]);

/** What a preview and a refresh take, where resources have names or tags; no object, item or user is read. */
export function readStatements(scope: StackScope): Statement[] {
  const { project, imagesFrom } = scope;
  const takeOver = "BatchCheckLayerAvailability BatchGetImage DescribeImageScanFindings GetDownloadUrlForLayer";
  const { arn, account, here, named } = namesOf(scope);
  const roles =
    "GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies ListRoleTags";
  return [
    ...groupStatements(scope, "Read", ({ read }) => read),
    allow("ReadEventSources", "lambda", "GetEventSourceMapping ListTags", arn(`lambda:${here}:event-source-mapping:*`)),
    allow("ReadRoles", "iam", roles, arn(`iam::${account}:role/${named}`)),
    ...(imagesFrom === undefined
      ? []
      : [
          allow("TakeOverImages", "ecr", takeOver, arn(`ecr:${here}:repository/${project}-${imagesFrom}-*`)),
          allow(
            "ReadTheirPins",
            "ssm",
            "GetParametersByPath",
            arn(`ssm:${here}:parameter/${project}/${imagesFrom}/releases*`),
          ),
        ]),
  ];
}

/**
 * What a preview and a refresh take of actions that know no single resource. DescribeDBInstances does know one, but the
 * provider finds an instance by a filter for its resource id, and a request without a name is one for every instance
 * (https://github.com/hashicorp/terraform-provider-aws/issues/35737).
 */
export function describeStatements(): Statement[] {
  const Action = [
    "cloudwatch:DescribeAlarms",
    ...actions("ec2", network.read),
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "rds:DescribeDBInstances",
    "ssm:DescribeParameters",
  ];
  return [{ Sid: "DescribeAll", Effect: "Allow", Action, Resource: "*" }];
}

/**
 * What an update takes beyond reading, but for the network.
 *
 * @param boundaryArn the policy that each role of the stack must have as its permissions boundary
 * @param ownRoles names of the roles that these statements are for: nothing of them may be changed
 * @param protectData whether what holds data stays
 */
export function changeStatements(
  scope: StackScope,
  boundaryArn: string,
  ownRoles: readonly string[],
  protectData: boolean,
): Statement[] {
  return [
    ...groupStatements(scope, "Change", ({ change, forget = "" }) => (protectData ? change : `${change} ${forget}`)),
    ...creationStatements(scope),
    ...eventSourceStatements(scope),
    ...roleStatements(scope, boundaryArn, ownRoles),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    allow(
      "DeliverAccessLogs",
      "logs",
      `CreateLogDelivery DeleteLogDelivery DescribeResourcePolicies GetLogDelivery ListLogDeliveries PutResourcePolicy
        UpdateLogDelivery`,
      "*",
    ),
  ];
}

/**
 * What an update takes of the network, whose parts have ids: new ones may be made, in no other stack's, and those with the
 * stack's tag changed.
 */
export function networkStatements(scope: StackScope): Statement[] {
  const { arn, here } = namesOf(scope);
  const all = network.kinds.map((kind) => arn(`ec2:${here}:${kind}/*`));
  const creating = { StringEquals: { "ec2:CreateAction": words(`${network.create} ${network.createRules}`) } };
  return [
    allow("CreateNetwork", "ec2", network.create, all, ofNoOther(scope)),
    allow("CreateNetworkRules", "ec2", network.createRules, arn(`ec2:${here}:security-group-rule/*`)),
    allow("TagNewNetwork", "ec2", "CreateTags", all, creating),
    allow("ChangeNetwork", "ec2", network.change, all, tagged(scope)),
    allow("AdoptDefaults", "ec2", network.adopt, arn(`ec2:${here}:security-group/*`), {
      ...willBeTagged(scope),
      ...ofNoStack,
    }),
    allow("ClearSubnets", "ec2", network.clear, arn(`ec2:${here}:network-interface/*`), ofNoStack),
  ];
}

/** The most that roles of the stack's resources may do, whatever their own policies say. */
export function boundaryStatements(scope: StackScope): Statement[] {
  const { arn, here, region, named, below } = namesOf(scope);
  return [
    allow("WriteLogs", "logs", "CreateLogStream PutLogEvents", arn(`logs:${here}:log-group:/aws/*/${named}`)),
    { Sid: "ConnectToNetwork", Effect: "Allow", Action: networkInterfaceActions, Resource: "*" },
    traceStatement(),
    allow("ReadParameters", "ssm", "GetParameters", arn(`ssm:${here}:parameter/${below}`)),
    allow("UseObjects", "s3", "DeleteObject GetObject GetObjectVersion ListBucket PutObject", arn(`s3:::${named}`)),
    allow(
      "UseCheckpoints",
      "dynamodb",
      "DeleteItem GetItem PutItem Query Scan UpdateItem",
      arn(`dynamodb:${here}:table/${named}`),
    ),
    allow(
      "UseQueues",
      "sqs",
      "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage SendMessage",
      arn(`sqs:${here}:${named}`),
    ),
    allow("PublishEvents", "events", "PutEvents", arn(`events:${here}:event-bus/${named}`)),
    allow("UseFunctions", "lambda", "GetFunction InvokeFunction", arn(`lambda:${here}:function:${named}`)),
    ...trafficStatements([arn(`lambda:${here}:function:${named}`)], arn(`cloudwatch:${here}:alarm:${named}`)),
    allow("ReadSecrets", "secretsmanager", "GetSecretValue", arn(`secretsmanager:${here}:secret:${named}`)),
    // The policies of the keys `aws/ssm` and `aws/secretsmanager` allow it, so that no role's own policy does; but what a
    // key's policy allows, a boundary may still limit:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    allow("DecryptSecrets", "kms", "Decrypt", arn(`kms:${here}:key/*`), {
      StringEquals: {
        "kms:ViaService": ["secretsmanager", "ssm"].map((service) => `${service}.${region}.amazonaws.com`),
      },
    }),
  ];
}

function namesOf({ partition, account, region, project, stacks }: StackScope): StackNames & {
  readonly arn: (rest: string) => string;
} {
  return {
    account,
    region,
    here: `${region}:${account}`,
    named: `${project}-${stacks}-*`,
    below: `${project}/${stacks}/*`,
    arn: (rest) => `arn:${partition}:${rest}`,
  };
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function actions(service: string, names: string): string[] {
  return words(names).map((name) => `${service}:${name}`);
}

function allow(
  Sid: string,
  service: string,
  names: string,
  Resource: string | readonly string[],
  Condition?: object,
): Statement {
  return { Sid, Effect: "Allow", Action: actions(service, names), Resource, ...(Condition && { Condition }) };
}

/** That a resource has no stack's tag. */
const ofNoStack = { Null: { "aws:ResourceTag/stack": "true" } };

/** That a resource that is there has the stack's tag. */
function tagged({ stack }: StackScope): object {
  return { StringEquals: { "aws:ResourceTag/stack": stack } };
}

/** That a resource has the stack's tag, or none: it is new, or AWS has no tags for it. */
function ofNoOther({ stack }: StackScope): object {
  return { StringEqualsIfExists: { "aws:ResourceTag/stack": stack } };
}

/** That a resource gets the stack's tag. */
function willBeTagged({ stack }: StackScope): object {
  return { StringEquals: { "aws:RequestTag/stack": stack } };
}

function groupStatements(scope: StackScope, does: string, actionsOf: (group: PermissionGroup) => string): Statement[] {
  const { arn, ...names } = namesOf(scope);
  return Object.entries(permissionGroups).map(([name, group]) =>
    allow(
      `${does}${name}`,
      group.service,
      actionsOf(group),
      group.resources(names).map(arn),
      group.byTag && (group.byTag === "own" ? tagged : ofNoOther)(scope),
    ),
  );
}

/** A pool or proxy that does not exist yet has neither ARN nor tags, only those that it is to get. */
function creationStatements(scope: StackScope): Statement[] {
  return [
    allow("CreateUserPools", "cognito-idp", "CreateUserPool TagResource", "*", willBeTagged(scope)),
    allow("CreateDatabaseProxies", "rds", "CreateDBProxy", "*", willBeTagged(scope)),
  ];
}

/** Event source mappings have ids; what they belong to is their function. */
function eventSourceStatements(scope: StackScope): Statement[] {
  const { arn, here, named } = namesOf(scope);
  const ofFunction = { ArnLike: { "lambda:FunctionArn": arn(`lambda:${here}:function:${named}`) } };
  const change = "CreateEventSourceMapping DeleteEventSourceMapping UpdateEventSourceMapping";
  const mappings = arn(`lambda:${here}:event-source-mapping:*`);
  return [
    allow("ChangeEventSources", "lambda", change, "*", ofFunction),
    allow("TagEventSources", "lambda", "TagResource UntagResource", mappings, ofNoOther(scope)),
  ];
}

/**
 * Roles for the stack's resources, none of which can do more than the boundary allows; so that whoever may make roles
 * gains nothing by it (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
 */
function roleStatements(scope: StackScope, boundaryArn: string, ownRoles: readonly string[]): Statement[] {
  const { arn, account, named } = namesOf(scope);
  const roles = arn(`iam::${account}:role/${named}`);
  const bounded = { StringEquals: { "iam:PermissionsBoundary": boundaryArn } };
  const change = "DeleteRole TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription";
  return [
    allow("BoundRoles", "iam", "CreateRole DeleteRolePolicy PutRolePermissionsBoundary PutRolePolicy", roles, bounded),
    allow("ChangeRoles", "iam", change, roles),
    allow("PassRoles", "iam", "PassRole", roles, { StringEquals: { "iam:PassedToService": roleServices } }),
    allow(
      "CreateServiceLinkedRoles",
      "iam",
      "CreateServiceLinkedRole",
      Object.entries(serviceLinkedRoles).map(([service, role]) =>
        arn(`iam::${account}:role/aws-service-role/${service}/${role}`),
      ),
    ),
    {
      Sid: "KeepOwnRoles",
      Effect: "Deny",
      Action: "iam:*",
      Resource: ownRoles.map((role) => arn(`iam::${account}:role/${role}`)),
    },
  ];
}
