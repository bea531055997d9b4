/** What goes wrong in a run of faults: all of it follows from a seed, so that a run that failed can be repeated. */
import type { Fault } from "./models";
import { type ConsumerName, consumers } from "./consumers";
import { oneOf, randomNumbers, shuffled } from "./random";

/**
 * What is to become of an upload while the faults last: it is used; it cannot be used; or a vendor refuses it, or is down for
 * it, until the faults are lifted.
 */
export type Fate = "usable" | "unusable" | "refused" | "outage";

export interface PlannedUpload {
  /** Its place in the order in which the students send. */
  readonly number: number;
  /** Which of the students sends it. */
  readonly student: number;
  readonly kind: "picture" | "document";
  readonly fate: Fate;
  /** The vendor of the fate, if it is one's. */
  readonly vendor?: Fault["vendor"];
}

/** An event of an upload that is delivered once more. */
export interface PlannedDuplicate {
  readonly upload: number;
  readonly consumer: ConsumerName;
  /** How much later than the event itself, in seconds: later events overtake it. */
  readonly delaySeconds: number;
}

/** Something that happens to containers, once so many events have been on their way. */
export type PlannedDisturbance = { readonly afterEvents: number } & (
  { readonly kind: "kill"; readonly consumer: ConsumerName } | { readonly kind: "crash" } | { readonly kind: "cut" }
);

export interface FaultPlan {
  readonly uploads: readonly PlannedUpload[];
  readonly duplicates: readonly PlannedDuplicate[];
  /** In their order. */
  readonly disturbances: readonly PlannedDisturbance[];
  /** Faults of the vendors that come by chance, at rates. */
  readonly vendorFaults: readonly Fault[];
}

export const students = 4;

/** The shares of the fates; whatever the number of uploads, there is one of each. */
const fates: readonly { readonly fate: Fate; readonly share: number }[] = [
  { fate: "unusable", share: 0.06 },
  { fate: "refused", share: 0.03 },
  { fate: "outage", share: 0.02 },
];

const duplicatedShare = 0.1;
const longestDelaySeconds = 20;
const uploadsForEach = { kill: 25, crash: 500, cut: 100 } as const;
/** Kills take some message's time, so that the bounded run has a few all the same. */
const fewest = { kill: 3, crash: 1, cut: 1 } as const;

/** How often a vendor answers how; one answer of five is not the proper one in time. */
const rates = [
  { fault: "rate-limit", share: 0.04, retry_after: 1 },
  { fault: "server-error", share: 0.03 },
  { fault: "overloaded", share: 0.03 },
  { fault: "timeout", share: 0.02, seconds: 2 },
  { fault: "truncated", share: 0.03 },
  { fault: "malformed", share: 0.02 },
  { fault: "slow", share: 0.05, seconds: 1 },
] as const;

/** The consumers of an upload's events, in their order, for as far as it comes. */
export function wayOf({ kind, fate, vendor }: PlannedUpload): ConsumerName[] {
  const way: ConsumerName[] = [kind === "picture" ? "image-processor" : "document-processor", "analyzer", "embedder"];
  if (fate === "unusable") return way.slice(0, 1);
  return vendor === "anthropic" ? way.slice(0, 2) : way;
}

export function planFaults(seed: number, count: number): FaultPlan {
  const random = randomNumbers(seed);
  const uploads = plannedUploads(count, random);
  const events = uploads.flatMap((upload) => wayOf(upload).map((consumer) => ({ upload: upload.number, consumer })));
  const duplicates = shuffled(events, random)
    .slice(0, Math.round(events.length * duplicatedShare))
    .map((event) => ({ ...event, delaySeconds: Math.floor(random() * (longestDelaySeconds + 1)) }));
  return {
    uploads,
    duplicates,
    disturbances: plannedDisturbances(count, events.length, random),
    vendorFaults: (["anthropic", "voyage"] as const).flatMap((vendor) =>
      rates.map((rate) => ({ ...rate, vendor, seed })),
    ),
  };
}

function plannedUploads(count: number, random: () => number): PlannedUpload[] {
  const special = fates.flatMap(({ fate, share }) =>
    Array.from({ length: Math.max(1, Math.round(count * share)) }, () => fate),
  );
  const usual = Array.from({ length: Math.max(0, count - special.length) }, (): Fate => "usable");
  return shuffled([...special, ...usual], random).map((fate, number) => {
    const student = Math.floor(random() * students);
    if (fate === "usable" || fate === "unusable") {
      return { number, student, kind: oneOf(["picture", "document"] as const, random), fate };
    }
    // Vendors know documents by their texts; of pictures they see what the pipeline has made of them.
    return { number, student, kind: "document", fate, vendor: oneOf(["anthropic", "voyage"] as const, random) };
  });
}

function plannedDisturbances(count: number, events: number, random: () => number): PlannedDisturbance[] {
  // While many are at work: not before the first have begun, nor when the last are about to end.
  const moment = (): number => Math.floor(events * (0.05 + 0.7 * random()));
  const times = (kind: keyof typeof fewest): unknown[] =>
    Array.from({ length: Math.max(fewest[kind], Math.round(count / uploadsForEach[kind])) });
  return [
    ...times("kill").map(() => ({ kind: "kill", consumer: oneOf(consumers, random), afterEvents: moment() }) as const),
    ...times("crash").map(() => ({ kind: "crash", afterEvents: moment() }) as const),
    ...times("cut").map(() => ({ kind: "cut", afterEvents: moment() }) as const),
  ].sort((one, other) => one.afterEvents - other.afterEvents);
}
