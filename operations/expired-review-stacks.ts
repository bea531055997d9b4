/**
 * Which review stacks are to be destroyed: those whose pull request is closed or has lost its label, and those that nobody
 * has updated for long. Printed for GitHub's workflow review.yml, as `stacks=["pr-12"]`.
 */
import { z } from "zod";
import { run } from "../local/commands";
import { checkout } from "../local/folders";
import { main } from "../local/main";

/** How long a review stack lives after its last update, in hours. */
export const timeToLiveHours = 48;

/** The label of pull requests that have a review stack. */
const label = "review-stack";

/** What is read of `pulumi stack ls --json`. */
const stackList = z.array(
  z.object({
    /** Where it is not the default one, with the organization before it. */
    name: z.string(),
    /** ISO time; unset as long as there was no update. */
    lastUpdate: z.string().optional(),
    updateInProgress: z.boolean().optional(),
  }),
);

/** A stack as Pulumi lists it. */
export type ListedStack = z.infer<typeof stackList>[number];

const pullRequestList = z.array(z.object({ number: z.number() }));

/**
 * The names of the review stacks that are to be destroyed.
 *
 * One whose update is in progress stays until the next time. One that was never updated holds nothing yet, and stays as
 * long as its pull request.
 *
 * @param stacks all stacks of the project
 * @param wanted numbers of the open pull requests that have the label
 * @param now the time
 * @returns names such as `pr-12`, without an organization
 */
export function expiredReviewStacks(
  stacks: readonly ListedStack[],
  wanted: readonly number[],
  now: Date,
): readonly string[] {
  const oldest = now.getTime() - timeToLiveHours * 60 * 60 * 1000;
  return stacks.flatMap(({ name, lastUpdate, updateInProgress }) => {
    const own = name.split("/").at(-1) ?? "";
    // Pulumi Cloud's own review stacks have more words in between.
    const pullRequest = /^pr-(?:.+-)?(\d+)$/.exec(own)?.[1];
    if (pullRequest === undefined || updateInProgress === true) return [];
    const isOld = lastUpdate !== undefined && Date.parse(lastUpdate) < oldest;
    return isOld || !wanted.includes(Number(pullRequest)) ? [own] : [];
  });
}

const help = `npx tsx operations/expired-review-stacks.ts: prints which review stacks are to be destroyed, as JSON.

Needs a login at Pulumi's backend, and at GitHub (gh, with the token in GH_TOKEN).`;

async function list<T>(rule: z.ZodType<T>, file: string, args: readonly string[], next: string): Promise<T> {
  return rule.parse(JSON.parse(await run(file, args, { cwd: checkout, next })));
}

if (require.main === module) {
  main(help, async () => {
    const stacks = await list(stackList, "pulumi", ["stack", "ls", "--json"], "sign in by `pulumi login`.");
    const query = ["pr", "list", "--state", "open", "--label", label, "--limit", "1000", "--json", "number"];
    const wanted = await list(pullRequestList, "gh", query, "give GitHub's token in GH_TOKEN.");
    const expired = expiredReviewStacks(
      stacks,
      wanted.map(({ number }) => number),
      new Date(),
    );
    process.stdout.write(`stacks=${JSON.stringify(expired)}\n`);
  });
}
