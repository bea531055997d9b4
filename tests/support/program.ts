/** The unmodified program with any stack's configuration, without an engine. */
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type * as Program from "../../index";
import { record, type Recording } from "./pulumi-mocks";

/** What the program exports. */
export type Outputs = typeof Program;
type Values = Readonly<Record<string, unknown>>;

const root = path.resolve(__dirname, "../..");
const read = (file: string): { readonly config: Values } =>
  parse(fs.readFileSync(path.join(root, file), "utf8")) as { config: Values };

/** The stacks that have a file. */
export const stacks = fs.readdirSync(root).flatMap((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1] ?? []);
const secrets = {
  "student-helper:anthropicApiKey": "anthropic-key",
  "student-helper:voyageApiKey": "voyage-key",
  "student-helper:databasePassword": "pass:word",
};

/** What the engine would pass to the program: Pulumi.yaml's defaults, the stack's values, and secrets. */
function configOf(stack: string): Record<string, string> {
  const declarations = Object.entries(read("Pulumi.yaml").config as Record<string, { default: unknown }>);
  const defaults = declarations.map(([key, declaration]) => [`student-helper:${key}`, declaration.default]);
  const values = { ...Object.fromEntries(defaults), ...read(`Pulumi.${stack}.yaml`).config, ...secrets } as Values;
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, asText(value)]));
}

/** The tags that a stack's provider gives to all resources. */
export function defaultTagsOf(stack: string): Readonly<Record<string, string>> | undefined {
  const defaultTags = read(`Pulumi.${stack}.yaml`).config["aws:defaultTags"] as
    { readonly tags: Readonly<Record<string, string>> } | undefined;
  return defaultTags?.tags;
}

/** Loads the program anew, as each update does. */
function load(): Outputs {
  const inside = (file: string): boolean =>
    file.startsWith(root + path.sep) && !/[\\/](node_modules|tests)[\\/]/.test(file.slice(root.length));
  for (const file of Object.keys(require.cache)) if (inside(file)) delete require.cache[file];
  return createRequire(__filename)("../../index") as Outputs;
}

/**
 * Runs a stack.
 *
 * @param changes configuration that differs from the stack's file
 */
export async function run(stack: string, changes: Record<string, string> = {}): Promise<Recording<Outputs>> {
  return record(() => {
    pulumi.runtime.setAllConfig({ ...configOf(stack), ...changes }, Object.keys(secrets));
    return load();
  }, stack);
}
