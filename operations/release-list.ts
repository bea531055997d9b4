/** The versions of a stack's functions as `npm run releases` lists them. Nothing here asks AWS. */
import type { FunctionName } from "../functions";
import { StepError } from "../local/errors";
import { currentPins, type FunctionVersion, type Release, releaseOf, type Releases } from "./release-plan";

/** A version, and what is said of it. */
export interface ListedVersion extends FunctionVersion {
  readonly name: FunctionName;
  /** `live`, `pinned`, `canary 10 %`. */
  readonly state: readonly string[];
  readonly release: Release;
}

/**
 * Versions, newest release first, those of one release by function.
 *
 * @param limit so many of each function
 * @param name the function; unset: all
 */
export function listVersions(releases: Releases, limit: number, name?: FunctionName): ListedVersion[] {
  const pins = currentPins(releases);
  const wanted = releases.functions.filter((deployed) => name === undefined || deployed.name === name);
  if (wanted.length === 0) {
    throw new StepError(`${name} serves nobody: it runs within updates, with their own version.`, "name another one.");
  }
  const listed = wanted.flatMap(({ name: functionName, versions, live, shares }) =>
    versions.slice(-limit).map((version) => ({
      ...version,
      name: functionName,
      state: [
        ...(version.version === live ? ["live"] : []),
        ...(version.version === pins[functionName] ? ["pinned"] : []),
        ...(version.version in shares ? [`canary ${(shares[version.version] ?? 0) * 100} %`] : []),
      ],
      release: releaseOf(version, releases.updates ?? []),
    })),
  );
  const newest = new Map<string, number>();
  for (const { release, publishedAt } of listed) {
    newest.set(release.key, Math.max(newest.get(release.key) ?? 0, publishedAt.getTime()));
  }
  const rank = ({ release }: ListedVersion): number => newest.get(release.key) ?? 0;
  return listed.sort((one, other) => rank(other) - rank(one));
}
