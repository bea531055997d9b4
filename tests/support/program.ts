/** The unmodified program with any stack's configuration, without an engine. */
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type * as Access from "../../access/index";
import type { FunctionDefinition } from "../../functions";
import type * as Program from "../../index";
import { record, type Recording } from "./pulumi-mocks";

/** What the program exports. */
export type Outputs = typeof Program;
type Values = Readonly<Record<string, unknown>>;

const root = path.resolve(__dirname, "../..");
const read = (file: string): { readonly config: Values } =>
  parse(fs.readFileSync(path.join(root, file), "utf8")) as { config: Values };

/** The stacks that have a file, but for review stacks, which are made after `pr`. */
export const stacks = fs.readdirSync(root).flatMap((file) => /^Pulumi\.(?!pr-)([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
const secrets = {
  "student-helper:anthropicApiKey": "anthropic-key",
  "student-helper:voyageApiKey": "voyage-key",
  "student-helper:databasePassword": "pass:word",
};

/** What the engine would pass to a program of a folder, but for secrets: Pulumi.yaml's defaults and the stack's values. */
function valuesOf(folder: string, project: string, stack: string): Record<string, string> {
  const declarations = Object.entries(read(`${folder}Pulumi.yaml`).config as Record<string, { default?: unknown }>);
  const defaults = declarations.flatMap(([key, declaration]) =>
    declaration.default === undefined ? [] : [[`${project}:${key}`, declaration.default] as const],
  );
  const values = { ...Object.fromEntries(defaults), ...read(`${folder}Pulumi.${stack}.yaml`).config } as Values;
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, asText(value)]));
}

/** The tags that the provider gives to all resources of a stack, or of the one of access/. */
export function defaultTagsOf(stack: string, folder = ""): Readonly<Record<string, string>> | undefined {
  const defaultTags = read(`${folder}Pulumi.${stack}.yaml`).config["aws:defaultTags"] as
    { readonly tags: Readonly<Record<string, string>> } | undefined;
  return defaultTags?.tags;
}

/** What a stack's file overrides of the functions in functions.ts. */
export function overridesOf(stack: string): Readonly<Record<string, Partial<FunctionDefinition> | undefined>> {
  return (read(`Pulumi.${stack}.yaml`).config["student-helper:functions"] ?? {}) as Record<string, object>;
}

/** Loads a program anew, as each update does. */
function load(program: string): unknown {
  const inside = (file: string): boolean =>
    file.startsWith(root + path.sep) && !/[\\/](node_modules|tests)[\\/]/.test(file.slice(root.length));
  for (const file of Object.keys(require.cache)) if (inside(file)) delete require.cache[file];
  return createRequire(__filename)(program);
}

/**
 * Runs a stack.
 *
 * @param changes configuration that differs from the stack's file
 * @param answers what function calls are answered that another AWS than usual would answer
 */
export async function run(
  stack: string,
  changes: Record<string, string> = {},
  answers?: Parameters<typeof record>[3],
): Promise<Recording<Outputs>> {
  const program = (): Outputs => {
    pulumi.runtime.setAllConfig(
      { ...valuesOf("", "student-helper", stack), ...secrets, ...changes },
      Object.keys(secrets),
    );
    return load("../../index") as Outputs;
  };
  return record(program, stack, undefined, answers);
}

const recordings = new Map<string, Promise<Recording<Outputs>>>();

/** A stack as its file says. It is run once for all tests, which only look at it. */
export function recordingOf(stack: string): Promise<Recording<Outputs>> {
  const recording = recordings.get(stack) ?? run(stack);
  recordings.set(stack, recording);
  return recording;
}

/** Who deploys in the tests: access/ is told by whoever applies it. */
export const deployer = { repository: "owner/repository", pulumiOrganization: "owner" };

/** What access/ exports. */
export type AccessOutputs = typeof Access;

/** Runs the stack of access/ that says who may deploy a stack. */
export async function runAccess(stack: string): Promise<Recording<AccessOutputs>> {
  const project = "student-helper-access";
  return record(
    () => {
      pulumi.runtime.setAllConfig({
        ...valuesOf("access/", project, stack),
        [`${project}:repository`]: deployer.repository,
        [`${project}:pulumiOrganization`]: deployer.pulumiOrganization,
      });
      return load("../../access/index") as AccessOutputs;
    },
    stack,
    project,
  );
}
