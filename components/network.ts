import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shortName } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { checkArguments } from "./internal/validation";

const rules = z.object({ name: shortName });

/** Where PostgreSQL listens. */
const postgresPort = 5432;

/**
 * Where functions and database meet: the database answers the functions and nobody else.
 *
 * @example
 * const network = new Network("network");
 * new ContainerFunction("api", { network: network.functions, ... });
 */
export class Network extends pulumi.ComponentResource {
  /** What a function is connected to. */
  readonly functions: {
    readonly subnetIds: pulumi.Output<string[]>;
    readonly securityGroupIds: pulumi.Output<string>[];
  };
  /** What the database is connected to. */
  readonly database: {
    readonly subnetIds: pulumi.Output<string[]>;
    readonly securityGroupIds: pulumi.Output<string>[];
  };

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:network:Network", name, {}, opts);
    checkArguments(this, name, rules, { name });
    const parent = { parent: this };

    // The account's default VPC, whose subnets have no way out for functions: a VPC of the stack's own with private
    // subnets and NAT takes its place in these two lines, and nowhere else.
    const vpc = aws.ec2.getVpcOutput({ default: true }, parent);
    const subnets = aws.ec2.getSubnetsOutput({ filters: [{ name: "vpc-id", values: [vpc.id] }] }, parent);
    const subnetIds = subnets.ids.apply((ids) => [...ids].sort());

    const functions = new aws.ec2.SecurityGroup(
      `${name}-functions`,
      { name: physicalName(`${name}-functions`), description: "Functions: reached by nobody", vpcId: vpc.id },
      parent,
    );
    const database = new aws.ec2.SecurityGroup(
      `${name}-database`,
      { name: physicalName(`${name}-database`), description: "Database: reached by functions", vpcId: vpc.id },
      parent,
    );

    new aws.vpc.SecurityGroupEgressRule(
      `${name}-functions-to-https`,
      {
        securityGroupId: functions.id,
        description: "AWS and the models' vendors",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "0.0.0.0/0",
      },
      parent,
    );
    const postgres = { ipProtocol: "tcp", fromPort: postgresPort, toPort: postgresPort };
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-functions-to-database`,
      {
        securityGroupId: functions.id,
        description: "The database",
        ...postgres,
        referencedSecurityGroupId: database.id,
      },
      parent,
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-database-from-functions`,
      {
        securityGroupId: database.id,
        description: "Functions",
        ...postgres,
        referencedSecurityGroupId: functions.id,
      },
      parent,
    );

    this.functions = { subnetIds, securityGroupIds: [functions.id] };
    this.database = { subnetIds, securityGroupIds: [database.id] };
    this.registerOutputs({ functions: this.functions, database: this.database });
  }
}
