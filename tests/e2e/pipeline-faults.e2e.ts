import * as assert from "assert/strict";
import { setTimeout as delay } from "timers/promises";
import { HeadObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { call } from "./support/api";
import { checkpoints } from "./support/checkpoints";
import { callsAbout, type Fault, paidFor, setFaults } from "./support/models";
import type { ConsumerName } from "./support/consumers";
import { rows } from "./support/database";
import { deadLetters, deliver, redrive, untilQueuesAreEmpty } from "./support/queues";
import { newStudent, removeStudents, subject } from "./support/students";
import { theTarget } from "./support/target";
import { ended, upload } from "./support/uploads";

/** The text of a document that no other has, so that a fault can be about it alone. */
const text = (marker: string): string => `The note about ${marker} is short.`;
const note = (marker: string): Buffer => Buffer.from(text(marker));

/**
 * How long an item may take that is tried again: after 10 s, after 2, 10 and 50 s if the vendor says when, and after a killed
 * function in 90 s.
 */
const patience = 200;

describe("the pipeline, when a model's vendor", () => {
  let token: string;
  const ids = new Map<string, string>();

  /** Uploads a note; the faults apply to what is asked about it. */
  async function begin(marker: string, ...faults: Omit<Fault, "match">[]): Promise<void> {
    await setFaults(
      marker,
      faults.map((fault) => ({ ...fault, match: text(marker) })),
    );
    ids.set(marker, await upload(token, `${marker}.txt`, note(marker)));
  }

  const passing = [
    { marker: "rate-limited", fault: { vendor: "anthropic", fault: "rate-limit", times: 2 } },
    { marker: "rate-limited-for-long", fault: { vendor: "voyage", fault: "rate-limit", retry_after: 25, times: 1 } },
    { marker: "server-error", fault: { vendor: "voyage", fault: "server-error", times: 2 } },
    { marker: "overloaded", fault: { vendor: "anthropic", fault: "overloaded", times: 4 } },
    { marker: "silent", fault: { vendor: "anthropic", fault: "timeout", seconds: 30, times: 1 } },
    { marker: "truncated", fault: { vendor: "voyage", fault: "truncated", times: 1 } },
    { marker: "malformed", fault: { vendor: "anthropic", fault: "malformed", times: 1 } },
    { marker: "careless", fault: { vendor: "anthropic", fault: "invalid-tool-input", times: 1 } },
  ] as const;

  before(async () => {
    ({ accessToken: token } = await newStudent());
    await Promise.all([
      ...passing.map(({ marker, fault }) => begin(marker, fault)),
      // A vendor that did not say when it will be back would be waited for much longer.
      begin("outage", { vendor: "anthropic", fault: "overloaded", retry_after: 1 }),
      begin("refusal", { vendor: "voyage", fault: "forbidden" }),
    ]);
  });

  after(removeStudents);

  for (const { marker } of passing) {
    it(`is ${marker} for a while still ends with a note that is ready, and paid for once`, async () => {
      const item = await ended(token, ids.get(marker)!, ["ready", "failed", "rejected"], patience);

      assert.equal(item.status, "ready", item.reason ?? "");
      assert.deepEqual(await paidFor(text(marker)), { anthropic: 1, voyage: 1 });
    });
  }

  it("asks to be spared for a while is not asked again before that", async () => {
    const [refused, next] = await callsAbout(text("rate-limited-for-long")).then((calls) =>
      calls.filter(({ vendor }) => vendor === "voyage").map(({ time }) => Date.parse(time)),
    );

    assert.ok(next! - refused! >= 25_000, `asked again after ${next! - refused!} ms`);
  });

  it("refuses a request asks once, and fails the item", async () => {
    const item = await ended(token, ids.get("refusal")!, ["failed"], patience);

    assert.match(item.reason ?? "", /on our side/);
    const asked = (await callsAbout(text("refusal"))).filter(({ vendor }) => vendor === "voyage");
    assert.deepEqual(
      asked.map(({ status }) => status),
      [403],
    );
  });

  it("is down fails the item after the queue's attempts", async () => {
    const item = await ended(token, ids.get("outage")!, ["failed", "ready"], patience);

    assert.equal(item.status, "failed");
  });

  it("is back again finishes, after a redrive, what waited in the dead-letter queues", async () => {
    await untilQueuesAreEmpty(patience);
    assert.deepEqual(await deadLetters(), { analyzer: 1, embedder: 1 });
    await setFaults("outage", []);
    await setFaults("refusal", []);

    await redrive("analyzer");
    await redrive("embedder");

    for (const marker of ["outage", "refusal"]) {
      assert.equal((await ended(token, ids.get(marker)!, ["ready"])).reason, null);
      assert.deepEqual(await paidFor(text(marker)), { anthropic: 1, voyage: 1 });
    }
    assert.deepEqual(await deadLetters(), {});
  });
});

describe("the pipeline, when", () => {
  let token: string;

  before(async () => {
    ({ accessToken: token } = await newStudent());
  });

  after(removeStudents);

  /** The events that led an item through the functions, as they were delivered. */
  async function eventsOf(id: string, owner: string): Promise<readonly [ConsumerName, string][]> {
    const { aws, uploadBucket: Bucket } = theTarget();
    const Key = `uploads/documents/${owner}/${id}`;
    const head = await new S3Client({ ...aws, forcePathStyle: true }).send(new HeadObjectCommand({ Bucket, Key }));
    const own = (type: string): string =>
      JSON.stringify({
        source: "student-helper",
        "detail-type": type,
        detail: { version: 1, item_id: id, object_version: head.VersionId },
      });
    const s3 = {
      source: "aws.s3",
      "detail-type": "Object Created",
      detail: {
        bucket: { name: Bucket },
        object: { key: Key, size: head.ContentLength, "version-id": head.VersionId, sequencer: "0" },
      },
    };
    return [
      ["document-processor", JSON.stringify(s3)],
      ["analyzer", own("DocumentProcessed")],
      ["embedder", own("ItemAnalyzed")],
    ];
  }

  it("events come several times, out of order, does and pays for everything once", async () => {
    const id = await upload(token, "duplicated.txt", note("duplicated"));
    await ended(token, id, ["ready"], patience);
    const before = await stored(id);

    const events = await eventsOf(id, subject(token));
    for (const [consumer, event] of [...events].reverse()) {
      await Promise.all([deliver(consumer, event), deliver(consumer, event), deliver(consumer, event)]);
    }

    await untilQueuesAreEmpty(patience);
    assert.deepEqual(await paidFor(text("duplicated")), { anthropic: 1, voyage: 1 });
    assert.deepEqual(await stored(id), before);
    assert.deepEqual(await deadLetters(), {});
  });

  /** How an item has ended, and when it was last changed, which the API tells nobody. */
  async function stored(id: string): Promise<unknown> {
    const query = `select status, updated_at from items where item_id = '${id}'`;
    const [item] = await rows<{ status: string; updated_at: string }>(query);
    assert.ok(item?.updated_at, `the database knows no item ${id}`);
    return item;
  }

  it("an item is deleted while it is at work leaves nothing behind", async () => {
    await setFaults("deleted", [{ vendor: "anthropic", fault: "slow", seconds: 6, match: text("deleted") }]);
    const id = await upload(token, "deleted.txt", note("deleted"));
    await until(async () => (await callsAbout(text("deleted"))).length > 0);

    assert.equal((await call("DELETE", `/items/${id}`, { token })).status, 204);

    await untilQueuesAreEmpty(patience);
    assert.equal((await call("GET", `/items/${id}`, { token })).status, 404);
    assert.deepEqual(await leftOf(id), { objects: [], checkpoints: 0 });
    assert.deepEqual(await deadLetters(), {});
  });
});

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not so after 90 s: ${isSo.toString()}`);
    await delay(200);
  }
}

/** What is stored of an item outside of the database. */
async function leftOf(id: string): Promise<{ objects: string[]; checkpoints: number }> {
  const { aws, uploadBucket: Bucket } = theTarget();
  const { Contents = [] } = await new S3Client({ ...aws, forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket }),
  );
  const objects = Contents.map(({ Key }) => Key!).filter((key) => key.includes(id));
  return { objects, checkpoints: (await checkpoints(id)).length };
}
