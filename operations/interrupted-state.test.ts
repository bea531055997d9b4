import * as assert from "node:assert/strict";
import {
  type PendingOperation,
  type Resource,
  resourcesOf,
  type State,
  unreadResources,
  withFound,
} from "./interrupted-state";

const urn = (name: string): string => `urn:pulumi:dev::student-helper::aws:cognito/userPool:UserPool::${name}`;
const pool = (name: string, more: Partial<Resource> = {}): Resource => ({
  urn: urn(name),
  type: "aws:cognito/userPool:UserPool",
  custom: true,
  inputs: { name },
  outputs: { id: name },
  ...more,
});
const creating = (resource: Resource): PendingOperation => ({ type: "creating", resource });
const state = (resources: Resource[], operations: PendingOperation[]): State => ({
  deployment: { resources, pending_operations: operations },
});

describe("the state of an interrupted update", () => {
  it("gets a resource that was found, to be read from AWS", () => {
    const before = state([pool("first", { id: "pool-1" })], [creating(pool("second"))]);

    const after = withFound(before, [{ urn: urn("second"), importId: "pool-2", surplus: false }]);

    assert.deepEqual(resourcesOf(after), [
      pool("first", { id: "pool-1" }),
      pool("second", { id: "pool-2", outputs: {} }),
    ]);
    assert.deepEqual(unreadResources(after), [pool("second", { id: "pool-2", outputs: {} })]);
    assert.equal(resourcesOf(before).length, 1);
  });

  it("keeps the one in use, and lets the next update delete the other", () => {
    const inUse = pool("users", { id: "pool-1" });

    const after = withFound(state([inUse], [creating(pool("users"))]), [
      { urn: urn("users"), importId: "pool-2", surplus: true },
    ]);

    assert.deepEqual(resourcesOf(after), [inUse, pool("users", { id: "pool-2", outputs: {}, delete: true })]);
  });

  it("goes on with a replacement, and lets the next update delete what it replaces", () => {
    const replaced = pool("users", { id: "pool-1", inputs: { name: "earlier" } });

    const after = withFound(state([replaced], [creating(pool("users"))]), [
      { urn: urn("users"), importId: "pool-2", surplus: false },
    ]);

    assert.deepEqual(resourcesOf(after), [{ ...replaced, delete: true }, pool("users", { id: "pool-2", outputs: {} })]);
  });

  it("gets a replacement in the place of what was deleted for it", () => {
    const deleted = pool("users", { id: "pool-1", pendingReplacement: true });
    const dependent = pool("dependent", { id: "pool-3" });

    const after = withFound(state([deleted, dependent], [creating(pool("users"))]), [
      { urn: urn("users"), importId: "pool-2", surplus: false },
    ]);

    assert.deepEqual(resourcesOf(after), [pool("users", { id: "pool-2", outputs: {} }), dependent]);
  });

  it("has components and plugins that nobody reads", () => {
    const component: Resource = { urn: "urn:c", type: "student-helper:api:HttpApi", custom: false };
    const plugin: Resource = { urn: "urn:p", type: "pulumi:providers:aws", custom: true, id: "1" };

    assert.deepEqual(unreadResources(state([component, plugin], [])), []);
  });
});
