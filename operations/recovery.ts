/** Brings a stack's state in step with AWS after an update that was killed. */
import * as fs from "fs/promises";
import * as path from "path";
import { StepError } from "../local/errors";
import { writeWhole } from "../local/files";
import { checkout } from "../local/folders";
import type { DeployedStack } from "./deployed-stack";
import { type Decision, decisionFor, holdsData } from "./interrupted-creations";
import {
  type Found,
  type KnownInputs,
  nameOf,
  pendingOperations,
  type Resource,
  resourceInUse,
  resourcesOf,
  type State,
  unreadResources,
  withFound,
} from "./interrupted-state";
import { endOrphanedPlugins } from "./orphaned-plugins";
import { pulumi } from "./pulumi";
import { type DeadLock, deadLocks, removeLocks } from "./update-lock";

/** What a killed update left, and what is done about it. */
export interface Interruption {
  readonly locks: readonly DeadLock[];
  /** The state as it was found. */
  readonly state: State;
  /** What goes into the state. */
  readonly found: readonly Found[];
  /** What is deleted in AWS now. */
  readonly discarded: readonly (() => Promise<void>)[];
  /** A line for each thing that was found; none: nothing was interrupted. */
  readonly lines: readonly string[];
}

/**
 * Looks what an update left that was killed. Nothing is changed; plugins that outlived the update are ended.
 *
 * @throws StepError when an update runs, or something must be decided by a person.
 */
export async function findInterruption(stack: DeployedStack): Promise<Interruption> {
  const locks = await deadLocks(stack);
  await endOrphanedPlugins(stack, locks.length > 0);
  const state = await readState(stack);
  const verdicts: Verdict[] = [];
  for (const resource of interruptedCreations(state)) verdicts.push(await judge(stack, state, resource));
  const others = pendingOperations(state).filter(({ type }) => type !== "creating");
  return {
    locks,
    state,
    found: verdicts.flatMap(({ found }) => found ?? []),
    discarded: verdicts.flatMap(({ discard }) => discard ?? []),
    lines: [
      ...locks.map(({ pid }) => `the lock of ${pid === undefined ? "an update" : `process ${pid}`}, which was killed`),
      ...verdicts.map(({ line }) => line),
      ...others.map(({ type, resource }) => `${type} ${nameOf(resource)}: read from AWS`),
      ...unreadResources(state).map(
        (resource) => `${nameOf(resource)}: of an earlier recovery, still to be read from AWS`,
      ),
    ],
  };
}

/** Each resource whose creation was interrupted, as it was last asked for. */
function interruptedCreations(state: State): Resource[] {
  const creations = pendingOperations(state).filter(({ type }) => type === "creating");
  return [...new Map(creations.map(({ resource }) => [resource.urn, resource])).values()];
}

/** What is done about one interrupted creation. */
interface Verdict {
  readonly line: string;
  readonly found?: Found;
  readonly discard?: () => Promise<void>;
}

async function judge(stack: DeployedStack, state: State, resource: Resource): Promise<Verdict> {
  const { urn, type } = resource;
  const name = `creating ${nameOf(resource)}`;
  const decision = decisionFor(type);
  if (decision === undefined) {
    throw new StepError(
      `the update was killed while it created ${nameOf(resource)}, and nobody has decided what is done about that type.`,
      `add it to operations/interrupted-creations.ts; or look in AWS whether it exists, and tell \`pulumi refresh -s ${stack.pulumiName}\`.`,
    );
  }
  if (decision.kind === "again") return { line: `${name}: made again` };
  const inUse = resourceInUse(state, urn);
  const ids = await candidates(stack, state, resource, decision, inUse);
  const importId = ids[0];
  if (importId === undefined) {
    return { line: `${name}: ${inUse ? "done since by another update" : "was not made yet"}` };
  }
  if (ids.length > 1) {
    throw new StepError(
      `${nameOf(resource)} may be any of ${ids.join(", ")}; nothing was changed.`,
      "delete in AWS those of them that nobody uses, then run the command again.",
    );
  }
  if (decision.kind === "discarded") {
    const discard = (): Promise<void> => decision.discard(importId, stack.aws);
    return { line: `${name}: half made as ${importId}: deleted, and made again`, discard };
  }
  // Which of two is meant is a guess where nothing tells them apart; what may hold data is not given up for one.
  const surplus = inUse !== undefined && (holdsData(type) || same(inUse.inputs, resource.inputs));
  if (surplus && resource.protect) {
    throw new StepError(
      `AWS has ${importId} beside the ${nameOf(resource)} that is in use, and it is protected; nothing was changed.`,
      "delete it in AWS if nobody uses it, then run the command again.",
    );
  }
  const outcome = surplus
    ? `${importId} beside the one in use: deleted by the next update`
    : `${importId}: taken into the state${decision.kind === "named" ? ", if AWS has it" : ""}`;
  return { line: `${name}: ${outcome}`, found: { urn, importId, surplus } };
}

/** The ids that a resource may have, without those that the state knows. */
async function candidates(
  stack: DeployedStack,
  state: State,
  resource: Resource,
  decision: Exclude<Decision, { kind: "again" }>,
  inUse: Resource | undefined,
): Promise<string[]> {
  const inputs = knownInputs(resource);
  if (decision.kind === "named") {
    const id = decision.id(inputs);
    if (inUse && decision.id(knownInputs(inUse)) === id) return [];
    return decision.exists ? existing(decision.exists(inputs, stack.aws)) : [id];
  }
  const known = new Set(resourcesOf(state).flatMap(({ type, id }) => (type === resource.type ? [id] : [])));
  const isKnown = (importId: string): boolean => known.has(importId) || known.has(importId.split("/").at(-1));
  return (await existing(decision.find(inputs, stack.aws))).filter((importId) => !isKnown(importId));
}

/** What was found: nothing where AWS answers that it, or what would hold it, does not exist. */
async function existing(found: Promise<string[]>): Promise<string[]> {
  try {
    return await found;
  } catch (error) {
    if (/NotFound|NonExistent|DoesNotExist/.test((error as Error).name)) return [];
    throw error;
  }
}

const knownInputs = ({ inputs = {} }: Resource): KnownInputs => inputs as unknown as KnownInputs;

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/**
 * Does what {@link findInterruption} found to be done.
 *
 * @returns the resources that are in the state now and were not before.
 * @throws StepError when the state has changed since.
 */
export async function recover(stack: DeployedStack, interruption: Interruption): Promise<readonly Resource[]> {
  const { locks, state, found, discarded } = interruption;
  if (!same(await readState(stack), state)) {
    throw new StepError(`stack ${stack.name} has changed meanwhile; nothing was changed.`, "run the command again.");
  }
  await removeLocks(locks);
  for (const discard of discarded) await discard();
  const mended = withFound(state, found);
  if (pendingOperations(state).length > 0) await writeState(stack, state, mended);
  const targets = new Set([
    ...found.map(({ urn }) => urn),
    ...unreadResources(mended).map(({ urn }) => urn),
    ...pendingOperations(state).map(({ resource }) => resource.urn),
  ]);
  await readFromAws(
    stack,
    resourcesOf(mended).filter(({ urn }) => targets.has(urn)),
  );
  const after = new Set(resourcesOf(await readState(stack)).map(({ urn }) => urn));
  const before = new Set(resourcesOf(state).map(({ urn }) => urn));
  return resourcesOf(mended).filter(({ urn }) => after.has(urn) && !before.has(urn));
}

async function readState(stack: DeployedStack): Promise<State> {
  const text = await pulumi(stack, ["stack", "export"], {
    next: "look whether `pulumi login` names the stack's backend.",
  });
  return JSON.parse(text) as State;
}

/** Where the state stands as it was before, its secrets encrypted as ever. */
export const backupFolder = path.join(checkout, ".local", "recovery");

async function writeState(stack: DeployedStack, earlier: State, mended: State): Promise<void> {
  await fs.mkdir(backupFolder, { recursive: true });
  const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const backup = path.join(backupFolder, `${stack.name}-${time}.json`);
  writeWhole(backup, JSON.stringify(earlier), 0o600);
  const file = path.join(backupFolder, `${stack.name}-${time}-mended.json`);
  writeWhole(file, JSON.stringify(mended), 0o600);
  await pulumi(stack, ["stack", "import", "--file", file], {
    next: `run the command again; the state as it was is in ${backup}.`,
  });
  await fs.rm(file);
}

async function readFromAws(stack: DeployedStack, resources: readonly Resource[]): Promise<void> {
  const urns = [...new Set(resources.map(({ urn }) => urn))];
  if (urns.length === 0) return;
  const targets = urns.flatMap((urn) => ["--target", urn]);
  await pulumi(stack, ["refresh", "--yes", "--skip-preview", ...targets], {
    next: "mend the cause, then run the command again: it goes on from here.",
  });
}
