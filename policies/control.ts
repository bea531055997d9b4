/**
 * What a control is: a rule about one resource, or about how resources of a stack belong together.
 *
 * A check that reads a property whose value a preview cannot know yet is put off until the update, where it still stops a
 * single resource before it is made. In a stack's first preview these are the checks of policy documents, which hold ARNs.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";

/** A resource's class, such as `aws.s3.Bucket`. */
export type ResourceClass<Args> = new (
  name: string,
  args: Args,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as @pulumi/policy has it
  ...rest: any[]
) => pulumi.Resource;

/** The properties of a resource as policies see them: without outputs. */
export type Properties<Args> = pulumi.Unwrap<NonNullable<Args>>;

/**
 * Tells of a violation.
 *
 * @param problem what is wrong, as a sentence
 * @param statement `Sid` of the policy document's statement that is wrong, where there is one
 */
export type Report = (problem: string, statement?: string) => void;

/** What is said about a control. */
interface About {
  /** Id in AWS Security Hub, such as `Lambda.1`; one of our own has a word in the place of the number. */
  readonly id: string;
  /** What must be so, in a sentence. */
  readonly description: string;
  /** What to do about a violation, in a sentence. */
  readonly remediation: string;
  /** Where it comes from. */
  readonly url: string;
}

/** A check of a resource, made before the resource is; it passes those of other classes. */
export type ResourceCheck = (resource: ResourceValidationArgs, report: Report) => void;

/** A control of single resources. */
export interface ResourceControl extends About {
  readonly checks: readonly ResourceCheck[];
}

/** A control that needs to see more than one resource: checked at the end of each preview and update. */
export interface StackControl extends About {
  readonly checkStack: (stack: Stack, report: (resource: Identity, problem: string) => void) => void;
}

export type Control = ResourceControl | StackControl;

/** What tells a resource from others. */
export interface Identity {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
}

/** A resource of a stack, of a known class. */
export interface Found<Props> {
  readonly props: Props;
  readonly resource: PolicyResource;
}

/** A check of each resource of a class. */
export function onEach<Args>(
  resourceClass: ResourceClass<Args>,
  check: (props: Properties<Args>, report: Report) => void,
): ResourceCheck {
  return (resource, report) => {
    if (resource.isType(resourceClass)) check(resource.props as Properties<Args>, report);
  };
}

/** A check of each resource of a class that may look at the others. */
export function onEachInStack<Args>(
  resourceClass: ResourceClass<Args>,
  check: (found: Found<Properties<Args>>, report: (problem: string) => void, stack: Stack) => void,
): StackControl["checkStack"] {
  return (stack, report) => {
    for (const found of stack.all(resourceClass)) check(found, (problem) => report(found.resource, problem), stack);
  };
}

/**
 * The resources of a stack. Which belongs to which is known by what the program passed from one to the other: names and
 * ARNs are not known in a first preview.
 */
export class Stack {
  constructor(readonly resources: readonly PolicyResource[]) {}

  /** All of a class. */
  all<Args>(resourceClass: ResourceClass<Args>): Found<Properties<Args>>[] {
    return ofClass(this.resources, resourceClass);
  }

  /** Those of a class whose property refers to a resource. */
  referring<Args>(
    resourceClass: ResourceClass<Args>,
    property: string & keyof Properties<Args>,
    { resource }: Found<unknown>,
  ): Found<Properties<Args>>[] {
    return this.all(resourceClass).filter((found) => referents(found.resource, property).includes(resource));
  }

  /** Those of a class to which a resource's property refers. */
  referredTo<Props, Args>(
    { resource }: Found<Props>,
    property: string & keyof Props,
    resourceClass: ResourceClass<Args>,
  ): Found<Properties<Args>>[] {
    return ofClass(referents(resource, property), resourceClass);
  }
}

function referents(resource: PolicyResource, property: string): readonly PolicyResource[] {
  return resource.propertyDependencies[property] ?? [];
}

function ofClass<Args>(
  resources: readonly PolicyResource[],
  resourceClass: ResourceClass<Args>,
): Found<Properties<Args>>[] {
  return resources
    .filter((resource) => resource.isType(resourceClass))
    .map((resource) => ({ props: resource.props as Properties<Args>, resource }));
}
