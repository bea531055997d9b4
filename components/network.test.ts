import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { Network, type NetworkArgs } from "./network";

const args: NetworkArgs = {
  defaultVpc: false,
  region: "eu-central-1",
  natGateways: "single",
  databaseProxy: false,
};
const make = (changes: Partial<NetworkArgs> = {}): Promise<Recording<Network>> =>
  record(() => new Network("network", { ...args, ...changes }));

const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const groupType = "aws:ec2/securityGroup:SecurityGroup";

/** Every rule of a network: who, in which direction, to or from whom, at which port. */
function rules({ resources }: Recording<Network>): string[] {
  const group = (id: unknown): string => String(id).replace("sg-student-helper-test-network-", "");
  return resources
    .filter(({ type }) => type === egress || type === ingress)
    .map(({ type, inputs }) => {
      assert.equal(inputs.ipProtocol, "tcp");
      assert.equal(inputs.fromPort, inputs.toPort);
      const direction = type === egress ? "->" : "<-";
      const { cidrIpv4 } = inputs as { cidrIpv4?: string };
      const other = cidrIpv4 ?? group(inputs.referencedSecurityGroupId);
      return `${group(inputs.securityGroupId)} ${direction} ${other} ${String(inputs.toPort)}`;
    })
    .sort();
}

describe("Network", () => {
  it("has a VPC of its own, security groups in it, and rules for each", async () => {
    const { names, inputs } = await make();

    assert.deepEqual(names, [
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network",
      `${groupType} network-database`,
      `${groupType} network-functions`,
      `${egress} network-functions-to-database`,
      `${egress} network-functions-to-https`,
      `${ingress} network-database-from-functions`,
      "awsx:ec2:Vpc network",
    ]);
    assert.deepEqual(inputs(groupType, "network-functions"), {
      name: "student-helper-test-network-functions",
      description: "Functions: reached by nobody",
      vpcId: "vpc-own",
    });
    assert.deepEqual(inputs(groupType, "network-database"), {
      name: "student-helper-test-network-database",
      description: "Database: reached by functions",
      vpcId: "vpc-own",
    });
  });

  it("lets functions reach HTTPS and the database, and nobody else the database", async () => {
    const network = await make();

    assert.deepEqual(rules(network), [
      "database <- functions 5432",
      "functions -> 0.0.0.0/0 443",
      "functions -> database 5432",
    ]);
    assert.deepEqual(network.inputs(ingress, "network-database-from-functions"), {
      securityGroupId: "sg-student-helper-test-network-database",
      description: "Functions",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      referencedSecurityGroupId: "sg-student-helper-test-network-functions",
    });
  });

  it("lets nobody but the proxy reach the database, where there is one", async () => {
    const network = await make({ databaseProxy: true });

    assert.deepEqual(rules(network), [
      "database <- database-proxy 5432",
      "database-proxy -> database 5432",
      "database-proxy <- functions 5432",
      "functions -> 0.0.0.0/0 443",
      "functions -> database-proxy 5432",
    ]);
    assert.deepEqual(network.inputs(groupType, "network-database-proxy"), {
      name: "student-helper-test-network-database-proxy",
      description: "Proxy of the database: reached by functions",
      vpcId: "vpc-own",
    });
  });

  it("has endpoints of the services that functions call, for functions only, where there is no NAT", async () => {
    const network = await make({ natGateways: "none" });

    assert.deepEqual(rules(network), [
      "database <- functions 5432",
      "endpoints <- functions 443",
      "functions -> 0.0.0.0/0 443",
      "functions -> database 5432",
      "functions -> endpoints 443",
    ]);
    const endpoints = network.resources.filter(({ type }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint");
    assert.deepEqual(
      endpoints.map(({ inputs }) => inputs.serviceName),
      ["ssm", "sqs", "events", "lambda", "monitoring"].map((service) => `com.amazonaws.eu-central-1.${service}`),
    );
    assert.deepEqual(network.inputs("aws:ec2/vpcEndpoint:VpcEndpoint", "network-ssm"), {
      vpcId: "vpc-own",
      vpcEndpointType: "Interface",
      serviceName: "com.amazonaws.eu-central-1.ssm",
      subnetIds: ["subnet-private-1", "subnet-private-2"],
      securityGroupIds: ["sg-student-helper-test-network-endpoints"],
      privateDnsEnabled: true,
      tags: { Name: "student-helper-test-network-ssm" },
    });
  });

  for (const natGateways of ["single", "none"] as const) {
    it(`makes nothing but security groups and rules in the default VPC, natGateways being ${natGateways}`, async () => {
      const network = await make({ defaultVpc: true, natGateways });

      assert.deepEqual(network.names, [
        `${groupType} network-database`,
        `${groupType} network-functions`,
        `${egress} network-functions-to-database`,
        `${egress} network-functions-to-https`,
        `${ingress} network-database-from-functions`,
      ]);
      assert.equal(network.inputs(groupType, "network-functions").vpcId, "vpc-default");
      assert.equal(network.inputs(groupType, "network-database").vpcId, "vpc-default");
    });
  }

  it("puts functions in private subnets, database and proxy in isolated ones", async () => {
    const { result } = await make({ databaseProxy: true });

    const isolated = ["subnet-isolated-1", "subnet-isolated-2"];
    assert.deepEqual(await valueOf(result.functions.subnetIds), ["subnet-private-1", "subnet-private-2"]);
    assert.deepEqual(await valueOf(result.database.subnetIds), isolated);
    assert.deepEqual(await valueOf(result.databaseProxy!.subnetIds), isolated);
    for (const [place, group] of [
      [result.functions, "functions"],
      [result.database, "database"],
      [result.databaseProxy!, "database-proxy"],
    ] as const) {
      assert.deepEqual(await Promise.all(place.securityGroupIds.map(valueOf)), [
        `sg-student-helper-test-network-${group}`,
      ]);
    }
  });

  it("gives the default VPC's subnets, in one order each time, and no proxy", async () => {
    const { result } = await make({ defaultVpc: true });

    assert.deepEqual(await valueOf(result.functions.subnetIds), ["subnet-a", "subnet-b"]);
    assert.deepEqual(await valueOf(result.database.subnetIds), ["subnet-a", "subnet-b"]);
    assert.equal(result.databaseProxy, undefined);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(
      record(
        () =>
          new Network("the-network-of-the-whole-stack", { ...args, region: "Frankfurt", natGateways: "two" as "none" }),
      ),
      /Network "the-network-of-the-whole-stack" has 3 problems;[^]*a lower-case letter, then up to 23 of[^]*an AWS region such as eu-central-1[^]*one of none, single, one-per-az/,
    );
  });
});
