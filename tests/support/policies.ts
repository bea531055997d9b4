/** Policies without an engine: resources as fixtures or as a program asked for them, and what policies say of them. */
import * as assert from "node:assert/strict";
import type { PolicyProviderResource, PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { Control, ResourceClass } from "../../policies/control";
import { enforce, type Leave } from "../../policies/enforce";

/** A resource as a policy is to see it. */
export interface Fixture {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Property to `type name` of the resources from which its value comes. */
  readonly references?: Readonly<Record<string, readonly string[]>>;
  /** Names and values of the default tags of the provider. */
  readonly defaultTags?: Readonly<Record<string, string>>;
}

/** A resource of a class; named after what it is if nothing else is said. */
export function resource<Args>(
  resourceClass: ResourceClass<Args>,
  props: Readonly<Record<string, unknown>>,
  more: Partial<Fixture> = {},
): Fixture {
  return { type: typeOf(resourceClass), name: "it", props, ...more };
}

/** `type name` of a fixture, as references have it. */
export const key = ({ type, name }: Pick<Fixture, "type" | "name">): string => `${type} ${name}`;

/** What a policy reports: message and URN. */
export interface Violation {
  readonly message: string;
  readonly urn: string;
}

/** What a control has to say about a stack's resources. */
export async function violations(
  control: Control,
  fixtures: readonly Fixture[],
  leave: Leave = { suppressions: [], today: "2026-01-01" },
  stack = "dev",
): Promise<Violation[]> {
  const found: Violation[] = [];
  const report = (message: string, urn = ""): void => void found.push({ message, urn });
  const resources = policyResources(fixtures, stack);
  const policy = enforce(control, leave);
  const common = { stackTags: new Map<string, string>(), getConfig: unused, notApplicable: unused };
  if ("validateStack" in policy) {
    await policy.validateStack({ resources, ...common }, report);
    return found;
  }
  for (const validate of [policy.validateResource ?? []].flat()) {
    for (const each of resources) {
      await validate({ ...each, ...common, asType: unused } as ResourceValidationArgs, report);
    }
  }
  return found;
}

function policyResources(fixtures: readonly Fixture[], stack: string): PolicyResource[] {
  const urn = (type: string, name: string): string => `urn:pulumi:${stack}::student-helper::${type}::${name}`;
  const provider = (tags: Fixture["defaultTags"]): PolicyProviderResource => ({
    type: "pulumi:providers:aws",
    name: "default",
    urn: urn("pulumi:providers:aws", "default"),
    props: { defaultTags: JSON.stringify({ tags }) },
  });
  const resources = fixtures.map(({ type, name, props, defaultTags }) => ({
    type,
    name,
    urn: urn(type, name),
    props,
    opts: { protect: false, ignoreChanges: [], aliases: [], customTimeouts: none, additionalSecretOutputs: [] },
    provider: provider(defaultTags),
    dependencies: [],
    propertyDependencies: {},
    isType: (resourceClass: ResourceClass<never>) => typeOf(resourceClass) === type,
    asType: unused,
  })) as PolicyResource[];
  for (const [index, { references = {} }] of fixtures.entries()) {
    for (const [property, from] of Object.entries(references)) {
      const referents = resources.filter((each) => from.includes(key(each)));
      (resources[index] as PolicyResource).propertyDependencies[property] = referents;
    }
  }
  return resources;
}

const none = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };

function unused(): never {
  throw new Error("The policies do not use this.");
}

/** The type that a resource's class stands for. */
function typeOf(resourceClass: unknown): string {
  return (resourceClass as { readonly __pulumiType: string }).__pulumiType;
}

/** Resources that keep a control, and such that do not, with what is said of the first that does not; by what they show. */
export interface Cases {
  readonly kept: Readonly<Record<string, readonly Fixture[]>>;
  readonly broken: Readonly<Record<string, { readonly resources: readonly Fixture[]; readonly problem: string }>>;
}

/** Tests all controls of a module: the type asks for cases of each. */
export function testControls<Module extends Readonly<Record<string, Control>>>(
  controls: Module,
  cases: Readonly<Record<keyof Module, Cases>>,
): void {
  for (const [name, control] of Object.entries(controls)) {
    const { kept, broken } = cases[name as keyof Module];
    describe(`${control.id} ${name}`, () => {
      for (const [what, fixtures] of Object.entries(kept)) {
        it(`is kept by ${what}`, async () => {
          assert.deepEqual(await violations(control, fixtures), []);
        });
      }
      for (const [what, { resources, problem }] of Object.entries(broken)) {
        it(`is broken by ${what}`, async () => {
          const messages = (await violations(control, resources)).map(({ message }) => message);

          assert.equal(messages.length, 1, messages.join("\n"));
          assert.match(messages[0] ?? "", /^[\w.]+, [\w-]+: /);
          assert.ok(messages[0]?.endsWith(`: ${problem} ${control.remediation}`), messages[0]);
        });
      }
    });
  }
}
