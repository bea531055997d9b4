/** What Pulumi knows about the updates of a stack. */
import { execFile } from "child_process";
import * as path from "path";
import { promisify } from "util";
import type { DeployedStack } from "./deployed-stack";

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
 * @throws Error with what Pulumi's CLI prints, or why it does not start.
 */
export async function updatesOf({ pulumi, pulumiName }: DeployedStack): Promise<Update[]> {
  const program = pulumi.folder === undefined ? "pulumi" : path.join(pulumi.folder, "pulumi");
  const args = ["stack", "history", "--stack", pulumiName, "--json", "--page-size", `${pageSize}`, "--non-interactive"];
  const options = { cwd: pulumi.cwd, env: { ...process.env, ...pulumi.env }, maxBuffer: 256 * 1024 * 1024 };
  try {
    const { stdout } = await promisify(execFile)(program, args, options);
    return updatesFrom(JSON.parse(stdout || "[]") as HistoryEntry[]);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error((stderr?.trim() || message).split("\n")[0], { cause: error });
  }
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
