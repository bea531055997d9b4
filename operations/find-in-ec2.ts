/** Finders of {@link ./find-in-aws} for networks: their parts have no names, but tags, which hold the stack's. */
import {
  DeleteSecurityGroupCommand,
  DescribeAddressesCommand,
  EC2Client,
  type Filter,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import type { AwsSettings } from "./deployed-stack";
import type { KnownInputs } from "./interrupted-state";

/** Looks for what an update asked AWS for, and returns the ids, as Pulumi imports them, of all that fit. */
export type Finder = (inputs: KnownInputs, aws: AwsSettings) => Promise<string[]>;

const filter = (Name: string, value: string): Filter => ({ Name, Values: [value] });

/** A finder of what has all the tags that it was asked to have. */
function tagged<Page>(
  pages: (client: EC2Client, Filters: Filter[]) => AsyncIterable<Page> | Promise<Page>[],
  ids: (page: Page) => readonly (string | undefined)[] | undefined,
): Finder {
  return async ({ cidrBlock, tags = {} }, aws) => {
    // Without tags everything in the account would fit.
    if (Object.keys(tags).length === 0) return [];
    const filters = Object.entries(tags).map(([key, value]) => filter(`tag:${key}`, value));
    // VPCs and subnets; subnets may have the same tags.
    if (cidrBlock !== undefined) filters.push(filter("cidr-block", cidrBlock));
    const found: string[] = [];
    for await (const page of pages(new EC2Client(aws), filters)) {
      found.push(...(ids(page) ?? []).filter((id) => id !== undefined));
    }
    return found;
  };
}

const alive = ["pending", "available"];

const routeTableAssociation: Finder = async ({ routeTableId, subnetId }, aws) => {
  const client = new EC2Client(aws);
  const Filters = [filter("association.subnet-id", subnetId)];
  const found: string[] = [];
  for await (const { RouteTables = [] } of paginateDescribeRouteTables({ client }, { Filters })) {
    const fitting = RouteTables.filter((table) => table.RouteTableId === routeTableId);
    found.push(...fitting.map(() => `${subnetId}/${routeTableId}`));
  }
  return found;
};

const securityGroup: Finder = async ({ name, vpcId }, aws) => {
  const client = new EC2Client(aws);
  const Filters = [filter("group-name", name), filter("vpc-id", vpcId)];
  const found: string[] = [];
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, { Filters })) {
    found.push(...SecurityGroups.map(({ GroupId }) => GroupId!));
  }
  return found;
};

/** Deletes a security group that nothing can use yet. */
export async function deleteSecurityGroup(id: string, aws: AwsSettings): Promise<void> {
  await new EC2Client(aws).send(new DeleteSecurityGroupCommand({ GroupId: id }));
}

const securityGroupRule =
  (egress: boolean): Finder =>
  async (inputs, aws) => {
    const client = new EC2Client(aws);
    const Filters = [filter("group-id", inputs.securityGroupId)];
    const isTheSame = (rule: SecurityGroupRule): boolean =>
      rule.IsEgress === egress &&
      rule.IpProtocol === inputs.ipProtocol &&
      rule.FromPort === inputs.fromPort &&
      rule.ToPort === inputs.toPort &&
      (rule.CidrIpv4 ?? undefined) === inputs.cidrIpv4 &&
      (rule.PrefixListId ?? undefined) === inputs.prefixListId &&
      (rule.ReferencedGroupInfo?.GroupId ?? undefined) === inputs.referencedSecurityGroupId;
    const found: string[] = [];
    for await (const { SecurityGroupRules = [] } of paginateDescribeSecurityGroupRules({ client }, { Filters })) {
      found.push(...SecurityGroupRules.filter(isTheSame).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId!));
    }
    return found;
  };

export const ec2Finders = {
  address: tagged(
    (client, Filters) => [client.send(new DescribeAddressesCommand({ Filters }))],
    ({ Addresses }) => Addresses?.map(({ AllocationId }) => AllocationId),
  ),
  internetGateway: tagged(
    (client, Filters) => paginateDescribeInternetGateways({ client }, { Filters }),
    ({ InternetGateways }) => InternetGateways?.map(({ InternetGatewayId }) => InternetGatewayId),
  ),
  natGateway: tagged(
    (client, Filter) => paginateDescribeNatGateways({ client }, { Filter }),
    // Deleted ones are listed for an hour.
    ({ NatGateways }) =>
      NatGateways?.filter(({ State }) => alive.includes(State!)).map(({ NatGatewayId }) => NatGatewayId),
  ),
  routeTable: tagged(
    (client, Filters) => paginateDescribeRouteTables({ client }, { Filters }),
    ({ RouteTables }) => RouteTables?.map(({ RouteTableId }) => RouteTableId),
  ),
  routeTableAssociation,
  securityGroup,
  securityGroupRule,
  subnet: tagged(
    (client, Filters) => paginateDescribeSubnets({ client }, { Filters }),
    ({ Subnets }) => Subnets?.map(({ SubnetId }) => SubnetId),
  ),
  vpc: tagged(
    (client, Filters) => paginateDescribeVpcs({ client }, { Filters }),
    ({ Vpcs }) => Vpcs?.map(({ VpcId }) => VpcId),
  ),
  vpcEndpoint: tagged(
    (client, Filters) => paginateDescribeVpcEndpoints({ client }, { Filters }),
    ({ VpcEndpoints }) =>
      VpcEndpoints?.filter(({ State }) => alive.includes(State!.toLowerCase())).map(
        ({ VpcEndpointId }) => VpcEndpointId,
      ),
  ),
};
