import * as aws from "@pulumi/aws";
import { onEach, type Report, type ResourceControl } from "./control";

function reportEveryone(addresses: readonly (string | undefined)[] | undefined, report: Report): void {
  for (const address of addresses ?? []) {
    if (address === "0.0.0.0/0" || address === "::/0") report(`Connections from ${address} are let in.`);
  }
}

export const noOpenIngress: ResourceControl = {
  id: "VPC.Ingress",
  description: "No security group lets in everyone.",
  remediation: "Name the security group or the addresses that may connect.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",
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
