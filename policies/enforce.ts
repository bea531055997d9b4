/** From controls and suppressions to what Pulumi runs. */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { type Control, type Identity, Stack } from "./control";
import type { Suppression } from "./suppressions";

/** What is let pass. */
export interface Leave {
  readonly suppressions: readonly Suppression[];
  /** ISO date of the day on which it is asked. */
  readonly today: string;
}

/** A control as a mandatory policy of Pulumi's, its suppressions taken into account. */
export function enforce(control: Control, leave: Leave): ResourceValidationPolicy | StackValidationPolicy {
  const policy = {
    name: control.id,
    description: control.description,
    remediationSteps: control.remediation,
    url: control.url,
    enforcementLevel: "mandatory" as const,
  };
  if ("checkStack" in control) {
    return {
      ...policy,
      validateStack: ({ resources }, reportViolation) =>
        control.checkStack(new Stack(resources), (resource, problem) => {
          const message = violation(control, resource, problem, undefined, leave);
          if (message !== undefined) reportViolation(message, resource.urn);
        }),
    };
  }
  return {
    ...policy,
    validateResource: (resource, reportViolation) => {
      for (const check of control.checks) {
        check(resource, (problem, statement) => {
          const message = violation(control, resource, problem, statement, leave);
          if (message !== undefined) reportViolation(message, resource.urn);
        });
      }
    },
  };
}

/** What is said about a violation; nothing if it is suppressed. */
function violation(
  { id, remediation }: Control,
  resource: Identity,
  problem: string,
  statement: string | undefined,
  { suppressions, today }: Leave,
): string | undefined {
  const suppression = suppressions.find(
    (entry) =>
      entry.control === id &&
      entry.type === resource.type &&
      entry.names.includes(resource.name) &&
      entry.stacks.some((stack) => stack === stackOf(resource.urn)) &&
      entry.statement === statement,
  );
  // ISO dates are ordered as text.
  if (suppression !== undefined && today <= suppression.until) return undefined;
  const message = `${id}, ${resource.name}: ${problem} ${remediation}`;
  return suppression === undefined
    ? message
    : `${message} The suppression ended on ${suppression.until}; its reason was: ${suppression.reason}`;
}

/** `dev` for `urn:pulumi:dev::student-helper::...`; review stacks, pr-<number>, are as their template, `pr`. */
function stackOf(urn: string): string {
  const stack = urn.split("::")[0]?.split(":")[2] ?? "";
  return stack.startsWith("pr-") ? "pr" : stack;
}
