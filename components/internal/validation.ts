/**
 * Finding every problem of a value at once, and one way to print them.
 *
 * The convention that keeps messages short: the error message of every zod rule says what is allowed ("an integer from
 * 128 to 10240"); what was received and how to mend it are added here and by the caller.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/** One thing that is wrong. */
export interface Problem {
  /** Where: a property path such as `functions.api.memoryMegabytes` or `corsOrigins[0]`. */
  readonly property: string;
  /** What was found there, in words or as JSON; never a secret. */
  readonly received: string;
  /** What would be accepted. */
  readonly allowed: string;
}

/** A problem with what mends it. */
export interface MendableProblem extends Problem {
  /** What to do or to type. */
  readonly fix: string;
}

/**
 * A whole number in a range.
 *
 * @param minimum smallest value allowed
 * @param maximum largest value allowed
 * @param unit what is counted, for the message: `megabytes`
 */
export function integerBetween(minimum: number, maximum: number, unit: string): z.ZodInt {
  const allowed = `an integer from ${minimum} to ${maximum} (${unit})`;
  return z.int({ error: allowed }).min(minimum, { error: allowed }).max(maximum, { error: allowed });
}

/** One of a few values. */
export function oneOf<const T extends string | number>(values: readonly T[]): z.ZodLiteral<T> {
  return z.literal(values, { error: `one of ${values.join(", ")}` });
}

/** Text that matches a pattern; `allowed` says in words what that is. */
export function textLike(pattern: RegExp, allowed: string): z.ZodString {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** A rule for a `pulumi.Input`: a plain value is checked, one that is known only later is taken as it is. */
export function input(rule: z.ZodType): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) return;
    for (const issue of rule.safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: "custom", path: [...issue.path], message: issue.message });
    }
  });
}

/**
 * Every problem that a rule finds in a value, one for each property.
 *
 * @param rule the zod schema; its messages say what is allowed
 * @param value what to check
 */
export function findProblems(rule: z.ZodType, value: unknown): Problem[] {
  const problems = new Map<string, Problem>();
  for (const issue of rule.safeParse(value).error?.issues ?? []) {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
    for (const key of keys) {
      const path = key === undefined ? issue.path : [...issue.path, key];
      const property = formatPath(path);
      // The first issue of a property says what is allowed; "too small" after "not an integer" would only repeat it.
      if (problems.has(property)) continue;
      problems.set(property, {
        property,
        received: describe(valueAt(value, path)),
        allowed: key === undefined ? messageOf(issue) : unknownKeyHint(key, knownKeys(rule, issue.path)),
      });
    }
  }
  return [...problems.values()];
}

/** A record's key has rules, and so messages, of its own. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

/** What to say of a key that does not exist: the nearest one that does, or all of them. */
export function unknownKeyHint(key: string, known: readonly string[]): string {
  const match = nearest(key, known);
  return match === undefined ? `no such key; known: ${known.join(", ")}` : `no such key; did you mean ${match}?`;
}

/**
 * Prints problems as a numbered list.
 *
 * @param title the sentence above the list
 */
export function formatProblems(title: string, problems: readonly MendableProblem[]): string {
  const entries = problems.map(({ property, received, allowed, fix }, index) =>
    [
      `  ${index + 1}. ${property}`,
      `     received: ${received}`,
      `     allowed:  ${allowed}`,
      `     fix:      ${fix}`,
    ].join("\n"),
  );
  return [title, ...entries].join("\n");
}

/**
 * Checks a component's arguments and throws one error that lists everything wrong with them.
 *
 * @param component the component, for its type and the error's place in Pulumi's output
 * @param name the component's logical name
 * @param rule the zod schema of `args`
 * @param args what the component was given
 * @throws pulumi.ResourceError
 */
export function checkArguments(
  component: pulumi.ComponentResource,
  name: string,
  rule: z.ZodType,
  args: unknown,
): void {
  const problems = findProblems(rule, args);
  if (problems.length === 0) return;
  const type = component.constructor.name;
  const title = `${type} "${name}" has ${count(problems.length, "problem")}; it was not created:`;
  const mendable = problems.map((problem) => ({
    ...problem,
    fix: `correct ${problem.property} where ${type} "${name}" is made`,
  }));
  throw new pulumi.ResourceError(formatProblems(title, mendable), component, true);
}

/** `1 problem`, `2 problems`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A value as a person would type it, cut where it gets long. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = pulumi.Output.isInstance(value) ? "an output" : onOneLine(JSON.stringify(value));
  const characters = [...text];
  return characters.length > 100 ? `${characters.slice(0, 100).join("")}…` : text;
}

/** A zod path the way Pulumi's `--path` writes it: `functions.api.timeoutSeconds`, `corsOrigins[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const key = String(part);
    if (!/^[\w-]+$/.test(key)) return `${text}[${onOneLine(JSON.stringify(key))}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** Text with everything escaped that does not show, or ends a line. */
function onOneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === "object" && current !== null ? (current as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** The keys that the object at `path` of a rule may have. */
function knownKeys(rule: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = rule;
  for (const key of path) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[String(key)];
    else if (current instanceof z.ZodArray) current = current.element;
    else if (current instanceof z.ZodRecord) current = current.valueType;
  }
  current = unwrap(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrap(rule: unknown): unknown {
  return rule instanceof z.ZodOptional ? unwrap(rule.unwrap()) : rule;
}

/** The candidate that differs from `word` by the fewest letters, if by no more than a third of them. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Levenshtein's distance: how many letters must be added, removed or changed. */
function distance(from: string, to: string): number {
  const others = [...to];
  let previous = Array.from({ length: others.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of others.entries()) {
      const substituted = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[others.length] ?? 0;
}
