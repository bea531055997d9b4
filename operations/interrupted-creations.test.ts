import * as assert from "node:assert/strict";
import { recordingOf, stacks } from "../tests/support/program";
import { decisionFor } from "./interrupted-creations";
import type { KnownInputs } from "./interrupted-state";

/** A plugin's own component, whose parts the mocks do not make: `awsx:ec2:Vpc`. */
const isComponent = (type: string): boolean => type.startsWith("awsx:");

describe("an interrupted creation", function () {
  // The program is run, and a machine may be busy with more than that.
  this.timeout("1m");

  for (const stack of stacks) {
    it(`is decided about for every type of stack ${stack}`, async () => {
      const { resources } = await recordingOf(stack);

      const types = new Set(resources.map(({ type }) => type));
      const undecided = [...types].filter((type) => !isComponent(type) && decisionFor(type) === undefined);
      assert.deepEqual(undecided, [], "add these to operations/interrupted-creations.ts");
    });
  }

  it("is decided about for every part of a VPC", () => {
    const parts = ["vpc:Vpc", "subnet:Subnet", "routeTable:RouteTable", "routeTableAssociation:RouteTableAssociation"];
    const ways = ["route:Route", "internetGateway:InternetGateway", "eip:Eip", "natGateway:NatGateway"];
    for (const part of [...parts, ...ways, "vpcEndpoint:VpcEndpoint"]) {
      assert.notEqual(decisionFor(`aws:ec2/${part}`), undefined, part);
    }
  });

  it("is known by an id that follows from what was asked for", async () => {
    const { resources } = await recordingOf("dev");

    const ids = resources.flatMap(({ type, name, inputs }) => {
      const decision = decisionFor(type);
      return decision?.kind === "named" ? [[`${type} ${name}`, decision.id(inputs as unknown as KnownInputs)]] : [];
    });
    for (const [resource, id] of ids) assert.doesNotMatch(id!, /undefined|^$/, resource);
    const known = Object.fromEntries(ids) as Record<string, string>;
    assert.equal(known["aws:iam/role:Role api"], "student-helper-dev-api");
    assert.equal(known["aws:lambda/alias:Alias api"], "student-helper-dev-api/live");
    assert.equal(known["aws:rds/instance:Instance database"], "student-helper-dev-database");
    assert.equal(known["aws:s3/bucket:Bucket uploads"], "student-helper-dev-uploads-123456789012");
    assert.equal(known["aws:scheduler/schedule:Schedule cleanup"], "default/student-helper-dev-cleanup");
  });
});
