import * as assert from "assert/strict";
import { modelsEndpoint } from "../../../local/models";
import { theTarget } from "./target";

/** How a stand-in of a model answers badly; its source, local/model-stand-ins, says what each does. */
export interface Fault {
  readonly vendor: "anthropic" | "voyage";
  readonly fault: string;
  /** Applies to requests that hold this text alone; without it, to all for which no other applies. */
  readonly match?: string;
  /** How often; without it, until the faults are taken back. */
  readonly times?: number;
  /** Seconds of the answer's `Retry-After`. */
  readonly retry_after?: number;
  /** How long an answer is held back. */
  readonly seconds?: number;
  /** What an obedient model says. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** The share of the requests that it applies to; the seed says which ones. */
  readonly share?: number;
  readonly seed?: number;
}

/** A request that a stand-in got. */
export interface ModelCall {
  readonly time: string;
  readonly vendor: string;
  readonly status: number | null;
  readonly paid: boolean;
  readonly texts: readonly string[];
  /** Fingerprints of what was asked, one for each text and picture. */
  readonly sha256: readonly string[];
}

async function control(method: string, route: string, body?: unknown): Promise<unknown> {
  const base = modelsEndpoint(Number(new URL(theTarget().aws.endpoint!).port));
  const response = await fetch(`${base}/control/${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `the model stand-ins answered ${response.status}: ${text}`);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

/** Sets faults under a name, in place of those that it had. */
export async function setFaults(name: string, faults: readonly Fault[]): Promise<void> {
  await control("PUT", `faults/${name}`, faults);
}

/** Takes back all faults, whatever their names are. */
export async function liftFaults(): Promise<void> {
  await control("DELETE", "faults");
}

/** The requests since {@link forgetCalls}, oldest first. */
export async function allCalls(): Promise<readonly ModelCall[]> {
  return (await control("GET", "calls")) as ModelCall[];
}

/** Begins to count requests anew. */
export async function forgetCalls(): Promise<void> {
  await control("DELETE", "calls");
}

/** The requests whose texts hold a text, oldest first. */
export async function callsAbout(text: string): Promise<readonly ModelCall[]> {
  return (await allCalls()).filter(({ texts }) => texts.some((asked) => asked.includes(text)));
}

/** All requests since a moment, oldest first. */
export async function callsSince(moment: Date): Promise<readonly ModelCall[]> {
  return (await allCalls()).filter(({ time }) => Date.parse(time) >= moment.getTime());
}

/** How many answers about a text each vendor was paid for. */
export async function paidFor(text: string): Promise<Record<string, number>> {
  const paid = (await callsAbout(text)).filter((call) => call.paid).map(({ vendor }) => vendor);
  return Object.fromEntries(
    ["anthropic", "voyage"].map((name) => [name, paid.filter((vendor) => vendor === name).length]),
  );
}
