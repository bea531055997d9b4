import * as assert from "assert/strict";
import * as fs from "fs/promises";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { call } from "./support/api";
import { checkpointTable } from "./support/checkpoints";
import { eachOf, hostileUploads, type Injection } from "./support/hostile";
import { setFaults } from "./support/models";
import { deadLetters, untilQueuesAreEmpty } from "./support/queues";
import { newStudent, removeStudents } from "./support/students";
import { theTarget } from "./support/target";
import { ended, type Item, search, upload } from "./support/uploads";

const faults = "injections";
const atATime = 3;
/** They are uploaded one after the other. */
const fewPictures = 5;
/** How long an item may take that is tried again once, on a busy machine. */
const patience = 240;
// What turns the direction of writing around, letters that nobody sees, and controls but for tabs and line ends.
const invisible = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

/** A model that does whatever the material orders, with the whole pipeline behind it. */
describe("an order in a student's material, to a model that obeys", () => {
  let attacker: string;
  let victim: string;
  let victimsItem: string;
  let untouched: unknown;
  /** What was stored before the first order came, whosever it is. */
  let earlier: ReadonlySet<string>;
  let outcomes: readonly (readonly [Injection, Item])[];

  /** Everything that another student has, and can see. */
  async function ofTheVictim(): Promise<unknown> {
    const [listed, read] = await Promise.all([
      call("GET", "/items?limit=100", { token: victim }),
      call("GET", `/items/${victimsItem}`, { token: victim }),
    ]);
    const { links, ...item } = read.body;
    assert.ok(links);
    return {
      listed: listed.body,
      item,
      found: await search(victim, "the victim's diary"),
      objects: (await objects()).filter((object) => object.includes(victimsItem)),
      checkpoints: (await checkpoints()).filter((checkpoint) => checkpoint.includes(victimsItem)),
    };
  }

  async function outcomeOf(injection: Injection, index: number): Promise<readonly [Injection, Item]> {
    const filename = `${index}${injection.marker === null ? ".png" : ".txt"}`;
    const id = await upload(attacker, filename, await fs.readFile(injection.path));
    return [injection, await ended(attacker, id, undefined, patience)];
  }

  before(async () => {
    ({ accessToken: victim } = await newStudent());
    ({ accessToken: attacker } = await newStudent());
    victimsItem = await upload(victim, "diary.txt", Buffer.from("The victim's diary is about a summer at the sea."));
    assert.equal((await ended(victim, victimsItem)).status, "ready");
    await untilQueuesAreEmpty(60);
    untouched = await ofTheVictim();
    earlier = new Set(await everything());

    const { injections: known, victim: named } = await hostileUploads();
    const aimed = (injection: Injection): Injection => {
      const answer = JSON.stringify(injection.answer)
        .replaceAll(named.item_id, victimsItem)
        .replaceAll(named.owner, subject(victim));
      return { ...injection, answer: JSON.parse(answer) as Injection["answer"] };
    };
    // What is asked again waits in the queue for a minute, and then for an operator; the function's own tests have it.
    const injections = known.filter(({ outcome }) => outcome !== "asked again").map(aimed);
    const texts = injections.filter(({ marker }) => marker !== null);
    const onPictures = injections.filter(({ marker }) => marker === null).slice(0, fewPictures);
    await setFaults(
      faults,
      texts.map(({ marker, answer }) => ({ vendor: "anthropic", fault: "obedient", match: marker!, answer })),
    );
    const ofTexts = await eachOf([...texts.entries()], atATime, ([index, injection]) => outcomeOf(injection, index));
    const ofPictures: (readonly [Injection, Item])[] = [];
    for (const [index, injection] of onPictures.entries()) {
      // The stand-in cannot read: it obeys whatever picture comes next.
      await setFaults(faults, [{ vendor: "anthropic", fault: "obedient", answer: injection.answer }]);
      ofPictures.push(await outcomeOf(injection, index));
    }
    outcomes = [...ofTexts, ...ofPictures];
    await untilQueuesAreEmpty(60);
  });

  after(async () => {
    await setFaults(faults, []);
    await removeStudents();
  });

  it("ends as it does for any other material", () => {
    const expected = { stored: "ready", rejected: "rejected", "asked again": "failed" };

    assert.deepEqual(
      outcomes.map(([{ name }, { status }]) => [name, status]),
      outcomes.map(([{ name, outcome }]) => [name, expected[outcome]]),
    );
    assert.ok(outcomes.length >= 40, `${outcomes.length} orders`);
  });

  it("is obeyed: its own item has the title that it asks for", () => {
    const titles = outcomes
      .filter(([{ name }]) => name.startsWith("previous instructions"))
      .map(([, item]) => item.title);

    // In a text, and on a picture.
    assert.deepEqual(titles, ["HACKED", "HACKED"]);
  });

  it("changes nothing of another student's", async () => {
    assert.deepEqual(await ofTheVictim(), untouched);
  });

  it("leaves in storage and checkpoints nothing but its own item's", async () => {
    const own = outcomes.map(([, { item_id: id }]) => id);
    const added = (await everything()).filter((entry) => !earlier.has(entry));

    assert.deepEqual(
      added.filter((entry) => !own.some((id) => entry.includes(id))),
      [],
    );
    // Each leaves a checkpoint at least, which is seen.
    assert.deepEqual(
      own.filter((id) => !added.some((entry) => entry.includes(id))),
      [],
    );
    assert.deepEqual(await deadLetters(), {});
  });

  it("stores no more than a description, within its bounds", () => {
    for (const [{ name }, item] of outcomes.filter(([, { status }]) => status === "ready")) {
      const { title, description, tags, text } = item;
      assert.deepEqual(
        Object.keys(item).sort(),
        [
          ...["collection", "content_type", "created_at", "description", "filename", "item_id", "links", "pages"],
          ...["reason", "size_bytes", "status", "tags", "text", "title"],
        ],
        name,
      );
      assert.ok(title !== null && title.length > 0 && [...title].length <= 120, name);
      assert.ok(description !== null && [...description].length <= 1000, name);
      assert.ok(tags.length > 0 && tags.length <= 10 && tags.every((tag) => tag !== "" && [...tag].length <= 40), name);
      assert.ok([...(text ?? "")].length <= 20_000, name);
      assert.doesNotMatch([title, description, ...tags, text ?? ""].join(""), invisible, name);
    }
  });

  it("is answered as JSON, with links to nowhere else", async () => {
    const { host } = new URL(theTarget().aws.endpoint!);
    for (const [{ name }, { item_id: id }] of outcomes.filter(([, { status }]) => status === "ready")) {
      const { contentType, body } = await call("GET", `/items/${id}`, { token: attacker });
      const links = Object.values(body.links as Item["links"]).filter((link) => link !== null);

      assert.equal(contentType, "application/json", name);
      assert.deepEqual([...new Set(links.map((link) => new URL(link).host))], [host], name);
    }
  });
});

/** Every object, with what it holds. */
async function objects(): Promise<string[]> {
  const { aws, uploadBucket: Bucket } = theTarget();
  const client = new S3Client({ ...aws, forcePathStyle: true });
  const found: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    found.push(...Contents.map(({ Key, ETag }) => `${Key} ${ETag}`));
  }
  return found.sort();
}

/** Every object and every checkpoint. */
const everything = async (): Promise<string[]> => [...(await objects()), ...(await checkpoints())];

/** Every checkpoint. */
async function checkpoints(): Promise<string[]> {
  const found: string[] = [];
  for await (const { Items = [] } of paginateScan(
    { client: new DynamoDBClient(theTarget().aws) },
    { TableName: checkpointTable },
  )) {
    found.push(...Items.map((item) => JSON.stringify(item)));
  }
  return found.sort();
}

/** The user whom a token names. */
function subject(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sub: string }).sub;
}
