/** What alarms and dashboard are made of. */
import type * as pulumi from "@pulumi/pulumi";

/** A section of docs/runbook.md, as its anchor. */
export type RunbookSection =
  | "function-errors"
  | "throttles"
  | "slow-functions"
  | "old-messages"
  | "dead-letters"
  | "database-connections"
  | "database-storage"
  | "api-errors"
  | "api-latency"
  | "canary";

/** What an alarm says to whoever is woken by it. */
export interface Meaning {
  /** What has happened, for a student or for the operator, in one sentence. */
  readonly sentence: string;
  /** Where the runbook says what to do. */
  readonly section: RunbookSection;
}

/** A function. */
export interface WatchedFunction {
  /** Name in Lambda. */
  readonly functionName: pulumi.Input<string>;
  /** Longest run in seconds. */
  readonly timeoutSeconds: number;
  /** The queue that wakes it. */
  readonly queue?: {
    readonly queueName: pulumi.Input<string>;
    readonly deadLetterQueueName: pulumi.Input<string>;
  };
  /**
   * Whether it answers that it failed, instead of ending in an error, and counts its faults by itself, as what requests or a
   * queue wake does.
   *
   * @default false
   */
  readonly countsFaults?: boolean;
  /**
   * What its errors mean.
   *
   * @default a student's work is not done, see the section `function-errors`
   */
  readonly errorsMean?: Meaning;
}

/** The parts of a system that are watched. */
export interface Watched {
  /** By name, in the order in which they are shown. */
  readonly functions: Readonly<Record<string, WatchedFunction>>;
  /** The HTTP API. */
  readonly api: { readonly apiId: pulumi.Input<string> };
  /** The database. */
  readonly database: {
    readonly identifier: pulumi.Input<string>;
    /** Size of the machine, such as `db.t4g.micro`. */
    readonly instanceClass: string;
    /** Size of the disk in gigabytes. */
    readonly storageGigabytes: number;
  };
}
