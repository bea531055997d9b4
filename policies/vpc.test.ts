import * as aws from "@pulumi/aws";
import { resource, testControls } from "../tests/support/policies";
import * as vpc from "./vpc";

testControls(vpc, {
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
