import * as aws from "@pulumi/aws";
import { onEach, onEachInStack, type Report, type ResourceControl, type StackControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html";

function reportEveryone(addresses: readonly (string | undefined)[] | undefined, report: Report): void {
  for (const address of addresses ?? []) {
    if (address === "0.0.0.0/0" || address === "::/0") report(`Connections from ${address} are let in.`);
  }
}

export const noOpenIngress: ResourceControl = {
  id: "VPC.Ingress",
  description: "No security group lets in everyone.",
  remediation: "Name the security group or the addresses that may connect.",
  url: `${url}#ec2-18`,
  checks: [
    onEach(aws.vpc.SecurityGroupIngressRule, ({ cidrIpv4, cidrIpv6 }, report) =>
      reportEveryone([cidrIpv4, cidrIpv6], report),
    ),
    onEach(aws.ec2.SecurityGroup, ({ ingress = [] }, report) => {
      for (const rule of ingress) {
        reportEveryone(rule.cidrBlocks, report);
        reportEveryone(rule.ipv6CidrBlocks, report);
      }
    }),
    onEach(aws.ec2.SecurityGroupRule, (rule, report) => {
      if (rule.type !== "ingress") return;
      reportEveryone(rule.cidrBlocks, report);
      reportEveryone(rule.ipv6CidrBlocks, report);
    }),
  ],
};

export const emptyDefaultGroup: StackControl = {
  id: "EC2.2",
  description: "A VPC's default security group lets nothing in or out.",
  remediation: "Give the VPC a DefaultSecurityGroup without ingress and egress.",
  url: `${url}#ec2-2`,
  checkStack: onEachInStack(aws.ec2.Vpc, (vpc, report, stack) => {
    const isEmpty = stack
      .referring(aws.ec2.DefaultSecurityGroup, "vpcId", vpc)
      .some(({ props: { ingress = [], egress = [] } }) => ingress.length === 0 && egress.length === 0);
    if (!isEmpty) report("Whatever is given no security group reaches its like, and everyone.");
  }),
};
