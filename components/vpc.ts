import * as aws from "@pulumi/aws";
// Not all of awsx: that takes 0.1 s to load, in each preview of every stack.
import * as ec2 from "@pulumi/awsx/ec2";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import { checkArguments, oneOf } from "./internal/validation";

/** Arguments of {@link Vpc}. */
export interface VpcArgs {
  /** Region that the stack is in, such as `eu-central-1`: the services' endpoints are named after it. */
  readonly region: string;
  /**
   * How functions reach the internet: `none`, not at all; `single`, by one NAT gateway for all availability zones, with
   * whose zone the way out fails; `one-per-az`, by one in each zone.
   */
  readonly natGateways: limits.NatGateways;
}

const rules = z.object({ name: limits.shortName, region: limits.region, natGateways: oneOf(limits.natGateways) });

const strategies = {
  none: "None",
  single: "Single",
  "one-per-az": "OnePerAz",
} as const satisfies Record<limits.NatGateways, ec2.NatGatewayStrategy>;

/**
 * A VPC of the stack's own, over two availability zones: as many as a database's subnets and its standby need. Each has a
 * public subnet for a NAT gateway, a private one for functions, and an isolated one, without a way out, for the database.
 * S3 and DynamoDB are reached by gateway endpoints, past NAT and its price for each gigabyte.
 *
 * The subnets are the same whatever `natGateways` says, so that a stack can change it and nothing moves. Of the VPC's
 * 10.0.0.0/16 a zone has a quarter, so that there is room for two more.
 *
 * Meets Security Hub EC2.2, a default security group without rules
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html).
 *
 * @example
 * const vpc = new Vpc("network", { region: "eu-central-1", natGateways: "single" });
 */
export class Vpc extends pulumi.ComponentResource {
  /** The services that are reached by gateway endpoints: AWS has them for these two only. */
  static readonly gatewayServices: readonly string[] = ["s3", "dynamodb"];

  /** Id of the VPC. */
  readonly vpcId: pulumi.Output<string>;
  /** Where functions are: a subnet in each zone, which reaches the internet by NAT if at all. */
  readonly functionSubnetIds: pulumi.Output<string[]>;
  /** Where the database is: a subnet in each zone, without a way out. */
  readonly databaseSubnetIds: pulumi.Output<string[]>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: VpcArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:network:Vpc", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const tags = { Name: physicalName(name) };

    const vpc = new ec2.Vpc(
      name,
      {
        cidrBlock: "10.0.0.0/16",
        numberOfAvailabilityZones: 2,
        availabilityZoneCidrMask: 18,
        subnetStrategy: "Auto",
        subnetSpecs: [
          { type: "Private", cidrMask: 20 },
          { type: "Public", cidrMask: 24 },
          { type: "Isolated", cidrMask: 24 },
        ],
        natGateways: { strategy: strategies[args.natGateways] },
        // "Auto" gives gateway endpoints a route in the route table of every subnet; by default they have none.
        vpcEndpointStrategy: "Auto",
        vpcEndpointSpecs: Vpc.gatewayServices.map((service) => ({
          serviceName: `com.amazonaws.${args.region}.${service}`,
          vpcEndpointType: "Gateway",
        })),
        // Without it, interface endpoints do not answer by the services' own names.
        enableDnsHostnames: true,
        tags,
      },
      parent,
    );
    // Whatever is given no security group gets this one: adopted here, it loses its rules, and lets nothing in or out.
    new aws.ec2.DefaultSecurityGroup(name, { vpcId: vpc.vpcId, ingress: [], egress: [], tags }, parent);

    this.vpcId = vpc.vpcId;
    this.functionSubnetIds = vpc.privateSubnetIds;
    this.databaseSubnetIds = vpc.isolatedSubnetIds;
    this.registerOutputs({ vpcId: this.vpcId });
  }
}
