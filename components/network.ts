import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import { checkArguments, oneOf } from "./internal/validation";
import { Vpc } from "./vpc";

/** Arguments of {@link Network}. */
export interface NetworkArgs {
  /** Whether it is in the account's default VPC, whose routes it takes as they are, instead of a VPC of its own. */
  readonly defaultVpc: boolean;
  /** Region that the stack is in, such as `eu-central-1`. */
  readonly region: string;
  /** How functions reach the internet from a VPC of its own: `none`, `single` or `one-per-az`; see `VpcArgs`. */
  readonly natGateways: limits.NatGateways;
  /** Whether functions reach the database by a proxy, and only so. */
  readonly databaseProxy: boolean;
}

/** What something is connected to. */
export interface Place {
  readonly subnetIds: pulumi.Output<string[]>;
  readonly securityGroupIds: pulumi.Output<string>[];
}

const rules = z.object({ name: limits.shortName, region: limits.region, natGateways: oneOf(limits.natGateways) });

/** Where PostgreSQL listens. */
const postgresPort = 5432;

/** Where AWS and the models' vendors listen. */
const httpsPort = 443;

/**
 * Where functions and database meet: the database answers the functions, or their proxy, and nobody else.
 *
 * In a VPC of its own without NAT gateways, functions call AWS through interface endpoints, which answer nobody else.
 *
 * @example
 * const network = new Network("network", {
 *   defaultVpc: false,
 *   region: "eu-central-1",
 *   natGateways: "single",
 *   databaseProxy: false,
 * });
 * new ContainerFunction("api", { network: network.functions, ... });
 */
export class Network extends pulumi.ComponentResource {
  /** What functions' code calls of AWS beyond `Vpc.gatewayServices`. */
  static readonly calledServices: readonly string[] = ["ssm", "sqs", "events", "lambda", "monitoring"];

  /** What a function is connected to. */
  readonly functions: Place;
  /** What the database is connected to. */
  readonly database: Place;
  /** What the database's proxy is connected to; unset if there is to be none. */
  readonly databaseProxy?: Place;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:network:Network", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });

    const vpc = args.defaultVpc ? defaultVpc(this) : new Vpc(name, args, { parent: this });
    const groups = new SecurityGroups(name, vpc.vpcId, this);
    const functions = groups.make("functions", "Functions", "nobody");
    const database = groups.make("database", "Database", "functions");

    groups.allowHttps(functions);
    if (args.databaseProxy) {
      const proxy = groups.make("database-proxy", "Proxy of the database", "functions");
      groups.allow(functions, proxy, postgresPort);
      groups.allow(proxy, database, postgresPort);
      this.databaseProxy = { subnetIds: vpc.databaseSubnetIds, securityGroupIds: [proxy.id] };
    } else {
      groups.allow(functions, database, postgresPort);
    }
    if (!args.defaultVpc && args.natGateways === "none") {
      const endpoints = groups.make("endpoints", "Endpoints of AWS services", "functions");
      groups.allow(functions, endpoints, httpsPort);
      interfaceEndpoints(name, args.region, vpc, endpoints.id, this);
    }

    this.functions = { subnetIds: vpc.functionSubnetIds, securityGroupIds: [functions.id] };
    this.database = { subnetIds: vpc.databaseSubnetIds, securityGroupIds: [database.id] };
    this.registerOutputs({ functions: this.functions, database: this.database });
  }
}

/** What the network needs to know of its VPC. */
type VpcPlaces = Pick<Vpc, "vpcId" | "functionSubnetIds" | "databaseSubnetIds">;

/** The account's default VPC: functions and database share its subnets. */
function defaultVpc(parent: Network): VpcPlaces {
  const vpc = aws.ec2.getVpcOutput({ default: true }, { parent });
  const subnets = aws.ec2.getSubnetsOutput({ filters: [{ name: "vpc-id", values: [vpc.id] }] }, { parent });
  const subnetIds = subnets.ids.apply((ids) => [...ids].sort());
  return { vpcId: vpc.id, functionSubnetIds: subnetIds, databaseSubnetIds: subnetIds };
}

/** Lets functions call AWS where they have no way out of the VPC. */
function interfaceEndpoints(
  name: string,
  region: string,
  vpc: VpcPlaces,
  securityGroupId: pulumi.Output<string>,
  parent: Network,
): void {
  for (const service of Network.calledServices) {
    new aws.ec2.VpcEndpoint(
      `${name}-${service}`,
      {
        vpcId: vpc.vpcId,
        vpcEndpointType: "Interface",
        serviceName: `com.amazonaws.${region}.${service}`,
        subnetIds: vpc.functionSubnetIds,
        securityGroupIds: [securityGroupId],
        // The SDK's own address of the service leads to the endpoint.
        privateDnsEnabled: true,
        tags: { Name: physicalName(`${name}-${service}`) },
      },
      { parent },
    );
  }
}

/** A security group with what it is called in logical names and in descriptions. */
interface Group {
  readonly id: pulumi.Output<string>;
  readonly key: string;
  readonly label: string;
}

/** The security groups of a network, which name each other. */
class SecurityGroups {
  constructor(
    private readonly name: string,
    private readonly vpcId: pulumi.Output<string>,
    private readonly parent: Network,
  ) {}

  make(key: string, label: string, reachedBy: string): Group {
    const { id } = new aws.ec2.SecurityGroup(
      `${this.name}-${key}`,
      {
        name: physicalName(`${this.name}-${key}`),
        description: `${label}: reached by ${reachedBy}`,
        vpcId: this.vpcId,
      },
      { parent: this.parent },
    );
    return { id, key, label };
  }

  /** Lets one group connect to another, on both sides. */
  allow(from: Group, to: Group, port: number): void {
    const connection = { ipProtocol: "tcp", fromPort: port, toPort: port };
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-${from.key}-to-${to.key}`,
      { securityGroupId: from.id, description: to.label, ...connection, referencedSecurityGroupId: to.id },
      { parent: this.parent },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${this.name}-${to.key}-from-${from.key}`,
      { securityGroupId: to.id, description: from.label, ...connection, referencedSecurityGroupId: from.id },
      { parent: this.parent },
    );
  }

  /** Lets a group connect to whoever listens for HTTPS, as far as the VPC's routes lead. */
  allowHttps(from: Group): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-${from.key}-to-https`,
      {
        securityGroupId: from.id,
        description: "AWS and the models' vendors",
        ipProtocol: "tcp",
        fromPort: httpsPort,
        toPort: httpsPort,
        cidrIpv4: "0.0.0.0/0",
      },
      { parent: this.parent },
    );
  }
}
