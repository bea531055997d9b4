/** The files that deploy the stacks without anybody at a keyboard, read. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

export const root = path.resolve(__dirname, "../..");
export const text = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
export const read = <T>(file: string): T => parse(text(file)) as T;
export const matches = (folder: string, pattern: RegExp): string[] =>
  fs.readdirSync(path.join(root, folder)).flatMap((file) => pattern.exec(file)?.[1] ?? []);

/** The stacks in the cloud, and the template of review stacks. */
export const stacks = matches(".", /^Pulumi\.(?!pr-)([\w-]+)\.yaml$/).filter((stack) => stack !== "local");

export const role = (stack: string, work: "preview" | "deploy"): string =>
  `arn:aws:iam::123456789012:role/student-helper-${stack}-${work}`;

/** A step of a job. */
export interface Step {
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** What does not run at the same time. */
export interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": unknown;
}

/** A job of a workflow. */
export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions: unknown;
  readonly concurrency?: Concurrency;
  readonly strategy?: { readonly matrix: { readonly stack: readonly string[] | string } };
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
}

/** A workflow of GitHub. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const prepareFile = ".github/actions/prepare/action.yml";
export const prepare = read<{ runs: { steps: readonly Step[] } }>(prepareFile).runs.steps;
export const workflows = Object.fromEntries(
  matches(".github/workflows", /^(.+)\.yml$/).map((name) => [name, read<Workflow>(`.github/workflows/${name}.yml`)]),
);
export const jobs = Object.entries(workflows).flatMap(([name, workflow]) =>
  Object.entries(workflow.jobs).map(([job, definition]) => ({ name: `${name}/${job}`, workflow, job: definition })),
);
/** What a step that uses an action is given. */
export const withOf = (steps: readonly Step[], action: string): Readonly<Record<string, unknown>> | undefined =>
  steps.find(({ uses }) => uses?.startsWith(action))?.with;
