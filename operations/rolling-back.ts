/** Takes functions to versions that were published before, or forward again. */
import { isDeepStrictEqual } from "node:util";
import type { Pins } from "../components/internal/pins";
import { servingFunctions } from "../functions";
import { StepError } from "../local/errors";
import type { Given } from "../local/main";
import { print } from "../local/progress";
import { type DeployedStack, knownFunction } from "./deployed-stack";
import { DeployedReleases, releasesOf } from "./deployed-releases";
import { confirm } from "./operation";
import {
  currentPins,
  type Plan,
  planFunctionMove,
  planFunctionRollback,
  planLatest,
  planStackRollback,
  type Releases,
} from "./release-plan";
import { shortDigest, table, timeOf } from "./table";

/**
 * What `npm run rollback` does.
 *
 * @throws StepError when there is nothing to go to, its image is gone, the answer is no, or somebody else changed the pins
 * meanwhile; or AWS moved only a part.
 */
export async function rollBack(stack: DeployedStack, given: Given): Promise<void> {
  const { releases, historyProblem } = await releasesOf(stack);
  if (historyProblem !== undefined) {
    print(`Pulumi's history cannot be read, so failed updates are not told apart: ${historyProblem}`);
  }
  const last = releases.updates?.at(-1);
  if (last !== undefined && last.endedAt === undefined) {
    print("An update is running, and read the pins when it began: look at `npm run releases` when it has ended.");
  }
  const plan = planOf(releases, given);
  if (plan.moves.length === 0) {
    print("Every function runs its newest version, and none is pinned: there is nothing to do.");
    return;
  }
  const deployed = new DeployedReleases(stack);
  await checkImages(deployed, plan);
  process.stdout.write(`${inWords(plan)}\n`);
  await confirm(`Move live of ${plan.moves.length} of stack ${stack.name}'s functions?`, given);
  await carryOut(deployed, plan, currentPins(releases), stack, given.options.to === "latest");
}

/** What was asked for. */
function planOf(releases: Releases, { options }: Given): Plan {
  const { function: givenFunction, to } = options;
  const name = typeof givenFunction === "string" ? knownFunction(givenFunction) : undefined;
  if (to === "latest") return planLatest(releases, name === undefined ? servingFunctions : [name]);
  if (typeof to !== "string") {
    return name === undefined ? planStackRollback(releases) : planFunctionRollback(releases, name);
  }
  if (name !== undefined) return planFunctionMove(releases, name, to);
  throw new StepError(
    `--to ${to} is about one function, as each counts its own versions; nothing was changed.`,
    "add --function.",
  );
}

/** Refuses a plan with a version whose image is gone. */
async function checkImages(deployed: DeployedReleases, { moves }: Plan): Promise<void> {
  const found = await Promise.all(moves.map(({ name, to }) => deployed.hasImage(name, to)));
  const gone = moves.filter((_, index) => !found[index]).map(({ name, to }) => `version ${to.version} of ${name}`);
  if (gone.length === 0) return;
  throw new StepError(
    `the image of ${gone.join(", ")} is not in its repository any more; nothing was changed.`,
    "name another version with --function and --to, or check its commit out and run `pulumi up`.",
  );
}

function inWords({ moves, staying }: Plan): string {
  const rows = moves.map(({ name, from, to }) => [
    name,
    `${from.version} ${shortDigest(from.digest)}`,
    `${to.version} ${shortDigest(to.digest)}`,
    timeOf(to.publishedAt),
  ]);
  const stays = staying.map((name) => `${name} stays: it has no version before.`);
  return [table([["function", "from", "to", "published"], ...rows]), ...stays].join("\n");
}

/**
 * Pins first, so that no update meanwhile moves anything elsewhere; what fails can be done again.
 *
 * @param earlier the pins that the plan adds to, or lifts: a pin that came since would be lost
 */
export async function carryOut(
  deployed: Pick<DeployedReleases, "pinChanges" | "pin" | "move">,
  { moves, pins }: Plan,
  earlier: Pins,
  stack: Pick<DeployedStack, "name" | "pulumiName">,
  lifts: boolean,
): Promise<void> {
  const start = performance.now();
  if (!isDeepStrictEqual(currentPins({ pinChanges: await deployed.pinChanges() }), earlier)) {
    throw new StepError(
      `the pins of stack ${stack.name} have changed meanwhile; nothing was changed.`,
      "run the command again: it shows what is to be done now.",
    );
  }
  await deployed.pin(pins);
  const results = await Promise.allSettled(moves.map(({ name, to }) => deployed.move(name, to.version)));
  const failures = results.flatMap((result, index) =>
    result.status === "rejected" ? [`${moves[index]?.name}: ${(result.reason as Error).message}`] : [],
  );
  if (failures.length > 0) {
    throw new StepError(
      [`live of ${failures.length} of ${moves.length} functions was not moved.`, ...failures].join("\n"),
      "run the command again: it moves what is left.",
    );
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(`live of ${moves.map(({ name, to }) => `${name} points to ${to.version}`).join(", ")}, after ${seconds} s.`);
  if (lifts) return;
  print("The database's schema stays as it is: migrations are compatible with the version before.");
  print(`\`pulumi up\` leaves it there until \`npm run rollback -- --stack ${stack.pulumiName} --to latest\`.`);
}
