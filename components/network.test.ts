import * as assert from "node:assert/strict";
import { record, valueOf } from "../tests/support/pulumi-mocks";
import { Network } from "./network";

const functionsGroup = "sg-student-helper-test-network-functions";
const databaseGroup = "sg-student-helper-test-network-database";

describe("Network", () => {
  it("has a security group for functions and one for the database, and rules for each", async () => {
    const { names, inputs } = await record(() => new Network("network"));

    assert.deepEqual(names, [
      "aws:ec2/securityGroup:SecurityGroup network-database",
      "aws:ec2/securityGroup:SecurityGroup network-functions",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-functions-to-database",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-functions-to-https",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-database-from-functions",
    ]);
    assert.deepEqual(inputs("aws:ec2/securityGroup:SecurityGroup", "network-functions"), {
      name: "student-helper-test-network-functions",
      description: "Functions: reached by nobody",
      vpcId: "vpc-default",
    });
    assert.deepEqual(inputs("aws:ec2/securityGroup:SecurityGroup", "network-database"), {
      name: "student-helper-test-network-database",
      description: "Database: reached by functions",
      vpcId: "vpc-default",
    });
  });

  it("lets functions reach HTTPS and the database", async () => {
    const { inputs } = await record(() => new Network("network"));

    const rule = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
    assert.deepEqual(inputs(rule, "network-functions-to-https"), {
      securityGroupId: functionsGroup,
      description: "AWS and the models' vendors",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
    });
    assert.deepEqual(inputs(rule, "network-functions-to-database"), {
      securityGroupId: functionsGroup,
      description: "The database",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      referencedSecurityGroupId: databaseGroup,
    });
  });

  it("lets nobody but functions reach the database", async () => {
    const { inputs } = await record(() => new Network("network"));

    const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    assert.deepEqual(inputs(rule, "network-database-from-functions"), {
      securityGroupId: databaseGroup,
      description: "Functions",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      referencedSecurityGroupId: functionsGroup,
    });
  });

  it("gives subnets, in one order each time, and security groups", async () => {
    const { result } = await record(() => new Network("network"));

    for (const [place, group] of [
      [result.functions, functionsGroup],
      [result.database, databaseGroup],
    ] as const) {
      assert.deepEqual(await valueOf(place.subnetIds), ["subnet-a", "subnet-b"]);
      assert.deepEqual(await Promise.all(place.securityGroupIds.map(valueOf)), [group]);
    }
  });

  it("refuses a name that is too long", async () => {
    await assert.rejects(
      record(() => new Network("the-network-of-the-whole-stack")),
      /Network "the-network-of-the-whole-stack" has 1 problem;[^]*a lower-case letter, then up to 23 of/,
    );
  });
});
