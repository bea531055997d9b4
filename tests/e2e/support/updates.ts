import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import type { EngineEvent, Stack, UpOptions } from "@pulumi/pulumi/automation";
import { withoutDebugging } from "../../../local/program";
import { theLocalTarget } from "./target";

/** What an update did. */
export interface Updated {
  /** What it changed, as `operation type name`, sorted. */
  readonly changes: string[];
  readonly warnings: string[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Runs `up`. */
export async function up(stack: Stack, options: UpOptions = {}): Promise<Updated> {
  const changes: string[] = [];
  const warnings: string[] = [];
  const onEvent = ({ resOutputsEvent, resourcePreEvent, diagnosticEvent }: EngineEvent): void => {
    if (diagnosticEvent?.severity === "warning") warnings.push(diagnosticEvent.message);
    const metadata = (resOutputsEvent ?? resourcePreEvent)?.metadata;
    if (!metadata || metadata.op === "same" || metadata.op === "read") return;
    const change = `${metadata.op} ${metadata.type} ${metadata.urn.split("::").at(-1)}`;
    if (!changes.includes(change)) changes.push(change);
  };
  const { outputs } = await withoutDebugging(() => stack.up({ ...options, onEvent }));
  return {
    changes: changes.sort(),
    warnings,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown])),
  };
}

/** Changes a file of the tests' checkout. */
export async function edit(file: string, change: (text: string) => string): Promise<void> {
  const name = path.join(theLocalTarget().checkout, file);
  const text = await fs.readFile(name, "utf8");
  const changed = change(text);
  assert.notEqual(changed, text, `the edit of ${file} changes nothing: the test would prove nothing`);
  await fs.writeFile(name, changed);
}
