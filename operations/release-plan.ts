/** Which versions a stack's functions have had, and which of them a rollback takes back. Nothing here asks AWS. */
import type { Pins } from "../components/internal/pins";
import type { FunctionName } from "../functions";
import { StepError } from "../local/errors";
import type { Update } from "./update-history";

/** A version of a function that was published. */
export interface FunctionVersion {
  /** Lambda's number, for example `7`. */
  readonly version: string;
  /** The image's, for example `sha256:…`. */
  readonly digest: string;
  readonly publishedAt: Date;
}

/** A function that serves. */
export interface DeployedFunction {
  readonly name: FunctionName;
  /** Oldest first; of those whose images are too old to be kept, only what is live or was once pinned. */
  readonly versions: readonly FunctionVersion[];
  /** The version that the alias `live` points to. */
  readonly live: string;
  /** Another version's share of the traffic, 0 to 1, by version: a canary's. */
  readonly shares: Readonly<Record<string, number>>;
}

/** The pins that were in force from a time on. */
export interface PinChange {
  readonly at: Date;
  readonly pins: Pins;
}

/** What is known of a stack's releases. */
export interface Releases {
  readonly functions: readonly DeployedFunction[];
  /** Oldest first; the last is in force. */
  readonly pinChanges: readonly PinChange[];
  /** Oldest first; undefined where Pulumi's history cannot be read. */
  readonly updates?: readonly Update[];
}

/** A function that a rollback changes. */
export interface Move {
  readonly name: FunctionName;
  readonly from: FunctionVersion;
  readonly to: FunctionVersion;
}

/** What a rollback does. */
export interface Plan {
  readonly moves: readonly Move[];
  /** The pins that are in force afterwards. */
  readonly pins: Pins;
  /** Functions of the release that stay, as they have no version before it. */
  readonly staying: readonly FunctionName[];
}

/** Clocks of Pulumi's machine and of AWS may differ by so much, and Pulumi counts whole seconds. */
const toleranceMilliseconds = 5_000;

/** What one update published, or what was published after it and by no update that is known. */
export interface Release {
  /** The update that published it; undefined for one that was killed, or that is too old to be known. */
  readonly update?: Update;
  /** Tells it from the others. */
  readonly key: string;
}

/** The release that a version belongs to. */
export function releaseOf({ publishedAt }: FunctionVersion, updates: readonly Update[]): Release {
  const time = publishedAt.getTime();
  const last = updates.findLast(({ startedAt }) => startedAt.getTime() <= time + toleranceMilliseconds);
  if (last === undefined) return { key: "before all updates" };
  const end = last.endedAt?.getTime() ?? Infinity;
  const start = last.startedAt.toISOString();
  return time <= end + toleranceMilliseconds ? { update: last, key: start } : { key: `after ${start}` };
}

/** The pins in force at a time. */
function pinsAt(changes: readonly PinChange[], time: Date): Pins {
  return changes.findLast(({ at }) => at.getTime() <= time.getTime())?.pins ?? {};
}

/** The pins in force now. */
export const currentPins = ({ pinChanges }: Pick<Releases, "pinChanges">): Pins => pinChanges.at(-1)?.pins ?? {};

/**
 * The version that ran before the one that `live` points to: that at which it was pinned when its successor was published,
 * else the newest one before it whose update did not fail, as with a canary that was taken back.
 */
export function versionBefore(
  { name, versions, live }: DeployedFunction,
  { pinChanges, updates = [] }: Releases,
): FunctionVersion | undefined {
  const index = versions.findIndex(({ version }) => version === live);
  const before = versions.slice(0, Math.max(index, 0));
  const successor = versions[index];
  const pinned = successor && pinsAt(pinChanges, successor.publishedAt)[name];
  const pinnedVersion = before.find(({ version }) => version === pinned);
  if (pinnedVersion !== undefined) return pinnedVersion;
  return before.findLast((version, position) => !onlyFailed(version, versions[position + 1], updates));
}

/** Whether the update that published a version failed, and none succeeded until the next version came. */
function onlyFailed(version: FunctionVersion, next: FunctionVersion | undefined, updates: readonly Update[]): boolean {
  const { update } = releaseOf(version, updates);
  if (update?.endedAt === undefined || update.succeeded) return false;
  const end = next?.publishedAt.getTime() ?? Infinity;
  const later = updates.filter(({ startedAt }) => startedAt > update.startedAt);
  return !later.some(({ succeeded, endedAt }) => succeeded && endedAt !== undefined && endedAt.getTime() < end);
}

/** Takes everything that the newest release changed back to what ran before it; what it did not touch stays. */
export function planStackRollback(releases: Releases): Plan {
  const { functions, updates } = releases;
  if (updates === undefined) {
    throw new StepError(
      "Pulumi's history cannot be read, which says what belongs to the newest release; nothing was changed.",
      "take functions back one by one: add --function.",
    );
  }
  const all = functions.flatMap(({ versions }) => versions);
  const newest = all.reduce((one, other) => (other.publishedAt > one.publishedAt ? other : one));
  const release = releaseOf(newest, updates).key;
  const touched = functions.filter((deployed) => releaseOf(liveVersion(deployed), updates).key === release);
  const moves = touched.flatMap((deployed) => {
    const to = versionBefore(deployed, releases);
    return to === undefined ? [] : [{ name: deployed.name, from: liveVersion(deployed), to }];
  });
  const staying = touched.map(({ name }) => name).filter((name) => !moves.some((move) => move.name === name));
  if (moves.length === 0) {
    const why =
      touched.length === 0
        ? `no function runs the newest release, of ${newest.publishedAt.toISOString()}`
        : `the newest release is the first of ${staying.join(", ")}`;
    throw new StepError(`${why}; nothing was changed.`, "name a function and a version: add --function and --to.");
  }
  return withPins({ moves, staying }, releases);
}

/** Takes one function back to what ran before. */
export function planFunctionRollback(releases: Releases, name: FunctionName): Plan {
  const deployed = find(releases, name);
  const to = versionBefore(deployed, releases);
  if (to === undefined) {
    throw new StepError(
      `${name} has no version before ${deployed.live} to go back to; nothing was changed.`,
      "`npm run releases` lists what there is.",
    );
  }
  return withPins({ moves: [{ name, from: liveVersion(deployed), to }], staying: [] }, releases);
}

/**
 * Takes one function to a version of its own.
 *
 * @param wanted a version such as `7`, or an image's digest, of which the beginning will do.
 */
export function planFunctionMove(releases: Releases, name: FunctionName, wanted: string): Plan {
  const deployed = find(releases, name);
  const to = deployed.versions.findLast(
    ({ version, digest }) => version === wanted || (isDigest(wanted) && digest.startsWith(withAlgorithm(wanted))),
  );
  if (to === undefined) {
    throw new StepError(
      `${name} has no version ${wanted}; nothing was changed.`,
      `there are ${deployed.versions.map(({ version }) => version).join(", ")}; \`npm run releases\` lists them.`,
    );
  }
  return withPins({ moves: [{ name, from: liveVersion(deployed), to }], staying: [] }, releases);
}

/** Takes functions to their newest versions, and lifts their pins. */
export function planLatest(releases: Releases, names: readonly FunctionName[]): Plan {
  const pins = Object.fromEntries(
    Object.entries(currentPins(releases)).filter(([name]) => !names.includes(name as FunctionName)),
  );
  const moves = names.flatMap((name) => {
    const deployed = find(releases, name);
    const [from, to] = [liveVersion(deployed), deployed.versions.at(-1) ?? liveVersion(deployed)];
    return from.version === to.version && !(name in currentPins(releases)) ? [] : [{ name, from, to }];
  });
  return { moves, pins, staying: [] };
}

/** The version that the alias points to. */
export function liveVersion({ name, versions, live }: DeployedFunction): FunctionVersion {
  const found = versions.find(({ version }) => version === live);
  if (found !== undefined) return found;
  throw new StepError(`live of ${name} points to version ${live}, which is not there.`, "run `pulumi up`.");
}

const isDigest = (text: string): boolean => /^(sha256:)?[0-9a-f]{12,64}$/.test(text);
const withAlgorithm = (digest: string): string => (digest.startsWith("sha256:") ? digest : `sha256:${digest}`);

function withPins(plan: Omit<Plan, "pins">, releases: Releases): Plan {
  const pinned = plan.moves.map(({ name, to }) => [name, to.version] as const);
  return { ...plan, pins: { ...currentPins(releases), ...Object.fromEntries(pinned) } };
}

function find({ functions }: Releases, name: FunctionName): DeployedFunction {
  const found = functions.find((deployed) => deployed.name === name);
  if (found !== undefined) return found;
  throw new StepError(
    `${name} serves nobody: it runs within updates, with their own version; nothing was changed.`,
    `name one of ${functions.map((deployed) => deployed.name).join(", ")}.`,
  );
}
