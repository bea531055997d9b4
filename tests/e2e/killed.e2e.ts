import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import type { Stack } from "@pulumi/pulumi/automation";
import { StepError } from "../../local/errors";
import { withoutDebugging } from "../../local/program";
import { print } from "../../local/progress";
import { stateFolder } from "../../local/stack-state";
import { applyStack, prepareSystem, stopSystem } from "../../local/system";
import { localStackIn } from "../../operations/deployed-stack";
import { decisionFor } from "../../operations/interrupted-creations";
import { findInterruption, recover } from "../../operations/recovery";
import { call } from "./support/api";
import { countsInState, inventory } from "./support/inventory";
import { SeparateStart } from "./support/kills";
import { randomNumbers } from "./support/random";
import { newStudent } from "./support/students";
import { instance, startAgain, theLocalTarget, theTarget } from "./support/target";
import { ended, readItem, search, upload } from "./support/uploads";

/**
 * How often updates are killed; `npm run test:killed` and `npm run prove` do it 30 times. Two thirds of it while the stack is
 * made.
 */
const kills = Number(process.env.KILLS ?? 3);
const killsOfUpdates = Math.floor(kills / 3);
const seed = Number(process.env.KILLS_SEED ?? Date.now() % 1_000_000);
const random = randomNumbers(seed);

async function typesInState(stack: Stack): Promise<string[]> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: { type: string }[] } };
  return (deployment.resources ?? []).map(({ type }) => type);
}

/** A stack that was never killed has of each kind what its state has, and is as the program says. */
async function assertWhole(stack: Stack): Promise<void> {
  const { summary } = await withoutDebugging(() => stack.up());
  assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"], "an update after the last one");
  const counts = Object.fromEntries(Object.entries(await inventory()).map(([kind, names]) => [kind, names.length]));
  assert.deepEqual(counts, countsInState(await typesInState(stack)), "what the account has, and what the state has");
  assert.equal((await call("GET", "/health")).status, 200);
}

/** Brings everything up that an update needs, so that it is not of the update's own processes, which are killed. */
const prepare = (): Promise<Stack> => prepareSystem(instance, theLocalTarget().checkout);

let count = 0;

/**
 * Starts the system, kills that at a sampled moment, and recovers: every other time as `npm run recover` does, else by the
 * next start.
 *
 * @returns whether it was killed, and had not ended before.
 */
async function killOnce(changes: number, seconds: number): Promise<boolean> {
  const started = new SeparateStart(instance, theLocalTarget().checkout);
  await started.untilMoment(changes, seconds);
  // Right at a change the engine is busy with writing it down: a moment later it is in the middle of the next ones.
  await new Promise((resolve) => setTimeout(resolve, random() * 1500));
  if (started.ended) {
    assert.equal(started.exitCode, 0, started.output);
    return false;
  }
  const withPlugins = random() < 0.5;
  await started.kill(withPlugins);
  const stack = await localStackIn(instance);
  const interruption = await findInterruption(stack);
  const byHand = count % 2 === 0;
  print(
    `       kill ${++count}: after ${started.changes} changes, ${withPlugins ? "with" : "without"} plugins; ` +
      `recovered by ${byHand ? "hand" : "the next start"}`,
  );
  for (const line of interruption.lines) print(`         ${line}`);
  if (byHand) await recover(stack, interruption);
  return true;
}

// It needs a system that is still to be made.
describe("an update that is killed", function () {
  this.timeout("100m");
  const texts = new Map<string, string>();

  before(async () => {
    print(`       seed ${seed}: KILLS=${kills} KILLS_SEED=${seed} kills at the same moments`);
    const { stack, checkout } = theLocalTarget();
    for (const file of ["index.ts", "Pulumi.local.yaml", "images/api/src/api/app.py", "images/api/Dockerfile"]) {
      texts.set(file, await fs.readFile(path.join(checkout, file), "utf8"));
    }
    // A start that failed in the suite before is gone on from: schedules are made last.
    if ((await typesInState(stack)).includes("aws:scheduler/schedule:Schedule")) await stopSystem(instance);
    await prepare();
  });

  async function edit(file: string, change: (text: string) => string): Promise<void> {
    await fs.writeFile(path.join(theLocalTarget().checkout, file), change(texts.get(file)!));
  }

  it("while it makes the stack, again and again, leaves one that is as if nothing had happened", async () => {
    const times = kills - killsOfUpdates;
    for (let killed = 0; killed < times;) {
      // The sum of what they leave to be done is about what there is to do.
      if (await killOnce(random() * ((2 * 150) / times), 15 + random() * 45)) {
        killed++;
        continue;
      }
      print("       the stack is there before it was killed often enough: begins with an empty one");
      await stopSystem(instance);
      await prepare();
    }

    await assertWhole(await startAgain());
  });

  it("while it creates a resource of any type leaves one that is found again", async () => {
    const file = path.join(stateFolder(instance), ".pulumi", "stacks", "student-helper", "local.json");
    const text = await fs.readFile(file, "utf8");
    const state = JSON.parse(text) as StateFile;
    const { latest } = state.checkpoint;
    const isLooked = ({ type }: Resource): boolean => ["named", "searched"].includes(decisionFor(type)?.kind ?? "");
    const lost = latest.resources.filter(isLooked);
    const lostUrns = lost.map(({ urn }) => urn);
    // What is made again has nothing to do with it, and would refer to what is not there yet.
    latest.resources = latest.resources
      .filter((resource) => !isLooked(resource))
      .map((resource) => ({
        ...resource,
        dependencies: resource.dependencies?.filter((urn) => !lostUrns.includes(urn)),
        propertyDependencies: undefined,
      }));
    latest.pending_operations = lost.map((resource) => ({
      type: "creating",
      resource: { ...resource, id: undefined, outputs: undefined },
    }));
    await fs.writeFile(file, JSON.stringify(state));

    const stack = await localStackIn(instance);
    await recover(stack, await findInterruption(stack));

    const after = (JSON.parse(await fs.readFile(file, "utf8")) as StateFile).checkpoint.latest;
    await fs.writeFile(file, text);
    const ids = (resources: readonly Resource[]): Record<string, string | undefined> =>
      Object.fromEntries(resources.filter(isLooked).map(({ urn, id }) => [urn, id]));
    assert.deepEqual(ids(after.resources), ids(lost));
    assert.equal(after.pending_operations, undefined);
  });

  it("while it changes the stack, again and again, loses nothing that the stack holds", async () => {
    const { accessToken: token } = await newStudent();
    const item = await upload(token, "notes.md");
    assert.equal((await ended(token, item)).status, "ready");
    const found = await search(token, "why do apples fall");
    const { userPoolId } = theTarget();
    for (let killed = 0, round = 1; killed < killsOfUpdates; round++) {
      await edit("Pulumi.local.yaml", (text) =>
        text.replace(/logRetentionDays: 1/, `logRetentionDays: ${[3, 5, 7][round % 3]}`),
      );
      await edit("images/api/src/api/app.py", (text) => (round % 3 === 1 ? `${text}\n# round ${round}\n` : text));
      await edit("index.ts", (text) =>
        round % 2 === 1 ? text.replace(/^export const API_BASE_URL/m, `${anotherQueue}$&`) : text,
      );
      if (await killOnce(random() * 22, 10 + random() * 20)) killed++;
    }
    for (const file of texts.keys()) await edit(file, (text) => text);

    await assertWhole(await startAgain());
    assert.equal(theTarget().userPoolId, userPoolId);
    assert.equal((await readItem(token, item)).status, "ready");
    assert.deepEqual(await search(token, "why do apples fall"), found);
  });

  it("is not, by a second one, which says that it runs, and changes nothing", async () => {
    const { stack } = theLocalTarget();
    // An update that is still at it when the others ask, however long those take to begin.
    await edit("images/api/Dockerfile", (text) =>
      text.replace(/^COPY /m, 'RUN python -c "import time; time.sleep(30)"\nCOPY '),
    );
    const first = new SeparateStart(instance, theLocalTarget().checkout);
    await first.untilUpdating();
    await untilLocked();

    const refusals = await Promise.all(
      [() => applyStack(instance, stack), prepare, async () => findInterruption(await localStackIn(instance))].map(
        refusal,
      ),
    );
    await first.untilEnd();

    for (const { reason, next } of refusals) {
      assert.match(reason, /is being updated by .*; nothing was changed\.$/);
      assert.equal(next, "wait until that update has ended, then run the command again.");
    }
    assert.equal(first.exitCode, 0, first.output);
  });
});

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly dependencies?: readonly string[];
}

/** Pulumi's state file, as far as a test looks at it. */
interface StateFile {
  readonly checkpoint: { readonly latest: { resources: Resource[]; pending_operations?: unknown[] } };
}

const anotherQueue = `new EventQueue("another", {
  source: pipeline.events(["NothingOfThisKind"]),
  consumerTimeoutSeconds: 5,
  tlsOnly,
});

`;

async function refusal(action: () => Promise<unknown>): Promise<StepError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
  return assert.fail("it went on");
}

async function untilLocked(): Promise<void> {
  const stack = await localStackIn(instance);
  for (let attempt = 0; attempt < 200; attempt++) {
    const isFree = await findInterruption(stack).then(
      () => true,
      () => false,
    );
    if (!isFree) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the update does not lock the stack");
}
