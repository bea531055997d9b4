import * as assert from "node:assert/strict";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { Vpc, type VpcArgs } from "./vpc";

const args: VpcArgs = { region: "eu-central-1", natGateways: "single" };
const make = (changes: Partial<VpcArgs> = {}): Promise<Recording<Vpc>> =>
  record(() => new Vpc("network", { ...args, ...changes }));

describe("Vpc", () => {
  it("has subnets of three kinds in two zones, and gateways to S3 and DynamoDB", async () => {
    const { names, inputs } = await make();

    assert.deepEqual(names, ["aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network", "awsx:ec2:Vpc network"]);
    assert.deepEqual(inputs("awsx:ec2:Vpc", "network"), {
      cidrBlock: "10.0.0.0/16",
      numberOfAvailabilityZones: 2,
      availabilityZoneCidrMask: 18,
      subnetStrategy: "Auto",
      subnetSpecs: [
        { type: "Private", cidrMask: 20 },
        { type: "Public", cidrMask: 24 },
        { type: "Isolated", cidrMask: 24 },
      ],
      natGateways: { strategy: "Single" },
      vpcEndpointStrategy: "Auto",
      vpcEndpointSpecs: [
        { serviceName: "com.amazonaws.eu-central-1.s3", vpcEndpointType: "Gateway" },
        { serviceName: "com.amazonaws.eu-central-1.dynamodb", vpcEndpointType: "Gateway" },
      ],
      enableDnsHostnames: true,
      tags: { Name: "student-helper-test-network" },
    });
  });

  for (const [natGateways, strategy] of [
    ["none", "None"],
    ["one-per-az", "OnePerAz"],
  ] as const) {
    it(`has the same subnets with natGateways ${natGateways}`, async () => {
      const inputs = async (changes?: Partial<VpcArgs>): Promise<object> =>
        (await make(changes)).inputs("awsx:ec2:Vpc", "network");

      assert.deepEqual(await inputs({ natGateways }), { ...(await inputs()), natGateways: { strategy } });
    });
  }

  it("takes all rules from the default security group", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "network"), {
      vpcId: "vpc-own",
      ingress: [],
      egress: [],
      tags: { Name: "student-helper-test-network" },
    });
  });

  it("gives private subnets to functions, isolated ones to the database", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.vpcId), "vpc-own");
    assert.deepEqual(await valueOf(result.functionSubnetIds), ["subnet-private-1", "subnet-private-2"]);
    assert.deepEqual(await valueOf(result.databaseSubnetIds), ["subnet-isolated-1", "subnet-isolated-2"]);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(
      make({ region: "Frankfurt", natGateways: "two" as "none" }),
      /Vpc "network" has 2 problems;[^]*an AWS region such as eu-central-1[^]*one of none, single, one-per-az/,
    );
  });
});
