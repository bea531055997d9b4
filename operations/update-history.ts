/** What Pulumi knows about the updates of a stack. */
import type { DeployedStack } from "./deployed-stack";
import { pulumi } from "./pulumi";

/** One update of a stack, as far as it is looked at. */
export interface Update {
  readonly startedAt: Date;
  /** Unset while it runs. */
  readonly endedAt?: Date;
  readonly succeeded: boolean;
  /** The commit that was checked out. */
  readonly commit?: string;
  /** Whether there were changes beside the commit. */
  readonly dirty: boolean;
}

/** So many updates are looked at: more than versions are kept. */
const pageSize = 100;

/** What `pulumi stack history --json` prints. */
interface HistoryEntry {
  readonly startTime: string;
  readonly endTime?: string;
  readonly result?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The updates of a stack, oldest first.
 *
 * @throws StepError with what Pulumi's CLI prints, or why it does not start.
 */
export async function updatesOf(stack: DeployedStack): Promise<Update[]> {
  const next = "if that matters, sign in to Pulumi (`pulumi login`) and run the command again.";
  const history = await pulumi(stack, ["stack", "history", "--json", "--page-size", `${pageSize}`], { next });
  return updatesFrom(JSON.parse(history || "[]") as HistoryEntry[]);
}

/** Updates, oldest first, from what Pulumi's CLI prints. */
export function updatesFrom(entries: readonly HistoryEntry[]): Update[] {
  return entries
    .map(({ startTime, endTime, result, environment = {} }) => ({
      startedAt: new Date(startTime),
      ...(endTime === undefined ? {} : { endedAt: new Date(endTime) }),
      succeeded: result === "succeeded",
      ...(environment["git.head"] ? { commit: environment["git.head"] } : {}),
      dirty: environment["git.dirty"] === "true",
    }))
    .sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
}
