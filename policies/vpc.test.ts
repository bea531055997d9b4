import * as aws from "@pulumi/aws";
import { type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as vpc from "./vpc";

const ownVpc = resource(aws.ec2.Vpc, { cidrBlock: "10.0.0.0/16" }, { name: "own" });
const defaultGroup = (props: Record<string, unknown>, of: Fixture): Fixture =>
  resource(aws.ec2.DefaultSecurityGroup, props, { references: { vpcId: [key(of)] } });
const problem = "Whatever is given no security group reaches its like, and everyone.";

testControls(vpc, {
  emptyDefaultGroup: {
    kept: {
      "a default group without rules": [ownVpc, defaultGroup({}, ownVpc)],
      "no VPC of the stack's own": [resource(aws.ec2.SecurityGroup, {})],
    },
    broken: {
      "a default group as AWS makes it": { resources: [ownVpc], problem },
      "a default group that lets in": {
        resources: [ownVpc, defaultGroup({ ingress: [{ self: true }] }, ownVpc)],
        problem,
      },
      "a default group that lets out": {
        resources: [ownVpc, defaultGroup({ egress: [{ cidrBlocks: ["0.0.0.0/0"] }] }, ownVpc)],
        problem,
      },
      "a default group of another VPC": {
        resources: [ownVpc, defaultGroup({}, resource(aws.ec2.DefaultVpc, {}))],
        problem,
      },
    },
  },
  noOpenIngress: {
    kept: {
      "a named group": [resource(aws.vpc.SecurityGroupIngressRule, { referencedSecurityGroupId: "sg-1" })],
      "everyone on the way out": [
        resource(aws.vpc.SecurityGroupEgressRule, { cidrIpv4: "0.0.0.0/0" }),
        resource(aws.ec2.SecurityGroupRule, { type: "egress", cidrBlocks: ["0.0.0.0/0"] }),
      ],
    },
    broken: {
      "a rule": {
        resources: [resource(aws.vpc.SecurityGroupIngressRule, { cidrIpv4: "0.0.0.0/0" })],
        problem: "Connections from 0.0.0.0/0 are let in.",
      },
      "a rule for IPv6": {
        resources: [resource(aws.vpc.SecurityGroupIngressRule, { cidrIpv6: "::/0" })],
        problem: "Connections from ::/0 are let in.",
      },
      "a group's own rule": {
        resources: [resource(aws.ec2.SecurityGroup, { ingress: [{ cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }] })],
        problem: "Connections from 0.0.0.0/0 are let in.",
      },
      "a rule of the old kind": {
        resources: [resource(aws.ec2.SecurityGroupRule, { type: "ingress", ipv6CidrBlocks: ["::/0"] })],
        problem: "Connections from ::/0 are let in.",
      },
    },
  },
});
