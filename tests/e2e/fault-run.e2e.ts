import * as assert from "assert/strict";
import { percentile } from "../../bench/figures";
import { print } from "../../local/progress";
import { call } from "./support/api";
import { checkpoints } from "./support/checkpoints";
import { consumers } from "./support/consumers";
import { type Fate, type PlannedUpload, planFaults } from "./support/fault-plan";
import { FaultRun, type StoredItem, storedItems } from "./support/fault-run";
import { allCalls, liftFaults } from "./support/models";
import { deadLetterItems, deadLetters, queued, redrive, untilQueuesAreEmpty } from "./support/queues";
import { randomNumbers } from "./support/random";
import { removeStudents, subject } from "./support/students";

/** How many files are uploaded; `npm run prove` uploads 1,000. */
const count = Number(process.env.FAULTS_UPLOADS ?? 40);
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);

/** How the faults may leave uploads: by chance, those may wait, too, that nobody refuses. */
const endsOf: Readonly<Record<Fate, readonly string[]>> = {
  usable: ["ready", "waiting"],
  unusable: ["rejected", "waiting"],
  refused: ["waiting"],
  outage: ["waiting"],
};

describe(`${count} uploads, while functions, database and vendors fail`, function () {
  this.timeout("60m");
  const plan = planFaults(seed, count);
  const run = new FaultRun(plan, randomNumbers(seed));
  let afterFaults: ReadonlyMap<string, StoredItem>;
  let dead: readonly string[];

  before(async () => {
    print(`       seed ${seed}: FAULTS_UPLOADS=${count} FAULTS_SEED=${seed} plans the same faults`);
    assert.deepEqual([await queued(), await deadLetters()], [{}, {}], "somebody else has left something in the queues");
    await run.run();
    afterFaults = await stored();
    dead = (await Promise.all(consumers.map(deadLetterItems))).flat();
    await report();
  });

  after(async () => {
    await liftFaults();
    await removeStudents();
  });

  const owners = (): string[] => run.students.map(({ accessToken }) => subject(accessToken));

  const stored = async (): Promise<ReadonlyMap<string, StoredItem>> =>
    new Map((await storedItems(owners())).map((item) => [item.item_id, item]));

  const itemOf = ({ number }: PlannedUpload): string => run.items.get(number)!;

  /** The items of the uploads, in the planned order, whose fate is one of these. */
  const withFate = (...fates: readonly Fate[]): string[] =>
    plan.uploads.filter(({ fate }) => fates.includes(fate)).map(itemOf);

  /** How the faults have left an item. */
  function endOf(id: string): string {
    const status = afterFaults.get(id)?.status ?? "lost";
    // Who was killed in a last attempt has not noted that it failed.
    return (status === "failed" || status === "processing" || status === "pending") && dead.includes(id)
      ? "waiting"
      : status;
  }

  const byStatus = (items: ReadonlyMap<string, StoredItem>, status: string): string[] =>
    plan.uploads.map(itemOf).filter((id) => items.get(id)?.status === status);

  const paid = async (vendor: string): Promise<number> =>
    (await allCalls()).filter((made) => made.paid && made.vendor === vendor).length;

  async function report(): Promise<void> {
    const ready = byStatus(afterFaults, "ready");
    const seconds = ready.map((id) => afterFaults.get(id)!.seconds);
    const within = (percent: number): string =>
      seconds.length === 0 ? "none" : `${percentile(seconds, percent).toFixed(1)} s`;
    const failed = plan.uploads.length - ready.length - byStatus(afterFaults, "rejected").length;
    const kills = consumers.map((name) => `${name} ${run.kills.get(name) ?? 0}`).join(", ");
    print(
      [
        `sent ${run.items.size}, refused ${run.refusals} times and sent again: ready ${ready.length}, rejected ${byStatus(afterFaults, "rejected").length}, failed ${failed}`,
        `dead letters ${dead.length} about ${new Set(dead).size} items; events delivered once more ${run.duplicates.length}`,
        `kills ${kills}; database ended ${run.database.crashes} times, connections cut ${run.database.cutConnections}`,
        `paid anthropic ${await paid("anthropic")}, voyage ${await paid("voyage")}`,
        `${run.seconds.toFixed(0)} s, ${(run.items.size / run.seconds).toFixed(1)} uploads/s; upload to ready p50 ${within(50)}, p95 ${within(95)}`,
      ]
        .map((line) => `       ${line}`)
        .join("\n"),
    );
  }

  it("come to an end, each in its own way: ready, rejected, or waiting in a dead-letter queue", () => {
    const ended = plan.uploads.map((upload) => ({ ...upload, end: endOf(itemOf(upload)) }));

    const wrong = ended.filter(({ fate, end }) => !endsOf[fate].includes(end));
    assert.deepEqual(wrong, []);
    const counts = ["ready", "rejected", "waiting"].map((way) => ended.filter(({ end }) => end === way).length);
    assert.equal(
      counts.reduce((sum, uploads) => sum + uploads, 0),
      run.items.size,
      `of ${run.items.size} sent: ${counts.join(" + ")}`,
    );
    assert.equal(run.items.size, count);
  });

  it("are disturbed as planned", () => {
    const planned = (kind: string): number => plan.disturbances.filter((one) => one.kind === kind).length;
    assert.equal(
      [...run.kills.values()].reduce((sum, kills) => sum + kills, 0),
      planned("kill"),
    );
    assert.equal(run.database.crashes, planned("crash"));
    assert.ok(run.database.cutConnections > 0, "no connection was cut");
    // Whatever the faults did to others, all events of these have come.
    const due = plan.duplicates.filter(({ upload }) => afterFaults.get(run.items.get(upload)!)?.status === "ready");
    assert.ok(due.length > 0, "no event of a ready item was to come twice");
    assert.deepEqual(
      due.filter((duplicate) => !run.duplicates.includes(duplicate)),
      [],
    );
  });

  it("finish, after a redrive without faults, what waits in the dead-letter queues", async () => {
    await liftFaults();
    assert.notDeepEqual(await deadLetters(), {});

    for (const consumer of consumers) await redrive(consumer);
    await untilQueuesAreEmpty(300);

    const items = await stored();
    assert.deepEqual(await deadLetters(), {});
    assert.deepEqual(byStatus(items, "ready"), withFate("usable", "refused", "outage"));
    assert.deepEqual(byStatus(items, "rejected"), withFate("unusable"));
  });

  it("leave one result each, and nothing else but uploads that nobody made", async () => {
    const items = await stored();
    const usable = withFate("usable", "refused", "outage").map((id) => items.get(id)!);
    const others = [...items.values()].filter(({ item_id: id }) => ![...run.items.values()].includes(id));

    const results = usable.map(({ passages, descriptions, embedded }) => ({ passages, descriptions, embedded }));
    const texts = (upload: PlannedUpload): number => (upload.kind === "picture" ? 0 : 1);
    assert.deepEqual(
      results,
      plan.uploads
        .filter(({ fate }) => fate !== "unusable")
        .map((upload) => ({ passages: texts(upload), descriptions: 1, embedded: 1 + texts(upload) })),
    );
    assert.deepEqual(
      others.filter(({ status, object_version: version }) => status !== "pending" || version !== null),
      [],
    );
    assert.ok(others.length <= run.refusals, `${others.length} announced, ${run.refusals} refused`);
    const listed = await Promise.all(run.students.map(({ accessToken }) => listedBy(accessToken)));
    assert.deepEqual(listed.flat().sort(), [...items.keys()].sort());
  });

  it("are paid for once each, but for what a killed function had asked", async () => {
    const usable = withFate("usable", "refused", "outage").length;
    const anthropic = await paid("anthropic");
    const voyage = await paid("voyage");

    const allowed = (name: "analyzer" | "embedder"): number => usable + (run.kills.get(name) ?? 0);
    assert.ok(anthropic >= usable && anthropic <= allowed("analyzer"), `${anthropic} of ${allowed("analyzer")}`);
    assert.ok(voyage >= usable && voyage <= allowed("embedder"), `${voyage} of ${allowed("embedder")}`);
  });

  it("leave a checkpoint for each step that was done", async () => {
    const found = (await checkpoints()).filter(({ itemId }) => [...run.items.values()].includes(itemId));

    const expected = plan.uploads.flatMap((upload) => {
      const processor = upload.kind === "picture" ? "image-processor" : "document-processor";
      const steps = upload.fate === "unusable" ? [processor] : [processor, "analyzer", "embedder"];
      return steps.map((step) => `${itemOf(upload)} ${step} COMPLETED`);
    });
    assert.deepEqual(found.map(({ itemId, step, status }) => `${itemId} ${step} ${status}`).sort(), expected.sort());
  });
});

/** The ids of all items that a student sees. */
async function listedBy(token: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = "";
  for (;;) {
    const { status, body } = await call("GET", `/items?limit=100${cursor}`, { token });
    assert.equal(status, 200, JSON.stringify(body));
    ids.push(...(body.items as { item_id: string }[]).map(({ item_id: id }) => id));
    if (!body.next_cursor) return ids;
    cursor = `&cursor=${body.next_cursor as string}`;
  }
}
