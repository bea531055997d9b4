import { StepError } from "../local/errors";
import type { Given } from "../local/main";
import { print } from "../local/progress";
import { type DeployedStack, knownFunction } from "./deployed-stack";
import { releasesOf } from "./deployed-releases";
import { operation } from "./operation";
import { listVersions, type ListedVersion } from "./release-list";
import { shortDigest, table, timeOf } from "./table";

const help = `npm run releases -- --stack STACK [--function NAME] [--limit NUMBER] [--json]

Lists the versions of a stack's functions, newest first, by the update that published them: image, time and commit,
and which of them is live, pinned or gets a canary's share of the traffic.

  --stack STACK     the stack, for example prod
  --function NAME   one function, for example api
  --limit NUMBER    so many versions of each function, as far as images are kept; 10 unless given
  --json            for programs: an array of versions`;

operation(help, listReleases, {
  function: { type: "string" },
  limit: { type: "string" },
  json: { type: "boolean" },
});

async function listReleases(stack: DeployedStack, { options }: Given): Promise<void> {
  const name = typeof options.function === "string" ? knownFunction(options.function) : undefined;
  const limit = limitOf(options.limit ?? "10");
  const { releases, historyProblem } = await releasesOf(stack);
  const versions = listVersions(releases, limit, name);
  if (historyProblem !== undefined) {
    print(`Commits are unknown, since Pulumi's history cannot be read: ${historyProblem}`);
  }
  const text = options.json === true ? JSON.stringify(versions, undefined, 2) : inWords(versions);
  process.stdout.write(`${text}\n`);
}

function limitOf(given: string | true): number {
  const limit = Number(given);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new StepError(`--limit is ${JSON.stringify(given)}.`, "give a number from 1 on.");
}

/** The versions under each other, with a line for each release. */
function inWords(versions: readonly ListedVersion[]): string {
  const rows = table(
    versions.map(({ name, version, digest, publishedAt, state }) => [
      `  ${name}`,
      version,
      shortDigest(digest),
      timeOf(publishedAt),
      state.join(", "),
    ]),
  ).split("\n");
  const lines = versions.flatMap(({ release }, index) => {
    const isFirst = release.key !== versions[index - 1]?.release.key;
    return [...(isFirst ? [titleOf(release)] : []), rows[index] ?? ""];
  });
  return lines.join("\n");
}

function titleOf({ update }: ListedVersion["release"]): string {
  if (update === undefined) return "no update that Pulumi knows of, commit unknown";
  const { startedAt, commit, dirty, succeeded, endedAt } = update;
  const result = succeeded ? "" : endedAt === undefined ? ", which still runs" : ", which failed";
  const changes = dirty ? " with changes that are not committed" : "";
  return `update of ${timeOf(startedAt)}${result}, commit ${commit?.slice(0, 12) ?? "unknown"}${changes}`;
}
