import * as assert from "assert/strict";
import * as fs from "fs/promises";
import { contentTypes } from "../../local/content-types";
import { call, postFile } from "./support/api";
import { functionContainers, type Memory, memoryOf } from "./support/containers";
import { eachOf, type HostileFile, type HostileName, hostileUploads } from "./support/hostile";
import { invocationsSince } from "./support/logs";
import { callsSince } from "./support/models";
import { deadLetters, untilQueuesAreEmpty } from "./support/queues";
import { newStudent, removeStudents } from "./support/students";
import { ended, readItem, requestUpload } from "./support/uploads";

/** What becomes of a file. */
interface Outcome {
  readonly file: HostileFile;
  /** S3's answer to the upload. */
  readonly uploaded: number;
  readonly status: string;
  readonly reason: string | null;
}

/** Few, as each of some keeps a processor busy for seconds. */
const atATime = 3;
/** How long an item may take that is tried again once, on a busy machine. */
const patience = 240;
const longestMilliseconds = 10_000;
const shareOfMemory = 0.6;
const readers = ["image-processor", "document-processor"];

/** Everything that a student could upload to harm the system or the other students. */
describe("a hostile upload", () => {
  let token: string;
  let names: readonly HostileName[];
  let outcomes: readonly Outcome[];
  let began: Date;
  /** Of each reader's containers, by reader and container. */
  const memories = new Map(readers.map((reader) => [reader, new Map<string, Memory>()]));

  /** Notes the most memory that each container has had so far. */
  async function noteMemories(): Promise<void> {
    for (const [reader, known] of memories) {
      for (const container of await functionContainers(reader)) {
        // One that ends meanwhile has been asked before.
        const memory = await memoryOf(container).catch(() => undefined);
        if (memory && memory.peakMegabytes >= (known.get(container)?.peakMegabytes ?? 0)) known.set(container, memory);
      }
    }
  }

  async function outcomeOf(file: HostileFile, index: number): Promise<Outcome> {
    const extension = Object.keys(contentTypes).find((name) => contentTypes[name] === file.content_type)!;
    const form = await requestUpload(token, { filename: `${index}${extension}`, content_type: file.content_type });
    const content = await fs.readFile(file.path);
    const uploaded = await postFile(form.upload, content);
    const item = uploaded === 204 ? await ended(token, form.id, undefined, patience) : await readItem(token, form.id);
    return { file, uploaded, status: item.status, reason: item.reason };
  }

  before(async () => {
    ({ accessToken: token } = await newStudent());
    const made = await hostileUploads();
    names = made.names;
    await untilQueuesAreEmpty(60);
    began = new Date();
    // The emulator removes a container that has had nothing to do for five minutes.
    const everyMinute = setInterval(() => void noteMemories(), 60_000);
    try {
      outcomes = await eachOf([...made.files.entries()], atATime, ([index, file]) => outcomeOf(file, index));
    } finally {
      clearInterval(everyMinute);
    }
    await noteMemories();
  });

  after(removeStudents);

  it("is rejected in words for a student", () => {
    const unexpected = outcomes.filter(
      ({ file, status, reason, uploaded }) =>
        uploaded === 204 && !(status === "rejected" && file.reasons.includes(reason ?? "")),
    );

    assert.deepEqual(unexpected, []);
    assert.ok(outcomes.filter(({ status }) => status === "rejected").length >= 60, `${outcomes.length} files`);
  });

  it("without content is refused by S3", () => {
    const refused = outcomes.filter(({ uploaded }) => uploaded !== 204);

    assert.deepEqual(
      refused.map(({ file, uploaded, status }) => [file.name, uploaded, status]),
      outcomes.filter(({ file }) => file.name.startsWith("empty ")).map(({ file }) => [file.name, 400, "pending"]),
    );
  });

  it("asks no model", async () => {
    await untilQueuesAreEmpty(60);

    assert.deepEqual(await callsSince(began), []);
  });

  it("leaves nothing for an operator to do", async () => {
    assert.deepEqual(await deadLetters(), {});
  });

  for (const reader of readers) {
    it(`takes less than ten seconds of ${reader}`, async () => {
      const invocations = await invocationsSince(reader, began);

      const slow = invocations.filter(({ milliseconds }) => milliseconds >= longestMilliseconds);
      assert.deepEqual(slow, []);
      assert.ok(invocations.length >= 30, `${invocations.length} invocations`);
    });

    it(`takes less than 60 % of the memory of ${reader}`, () => {
      const containers = [...memories.get(reader)!.values()];

      const greedy = containers.filter(({ peakMegabytes, megabytes }) => peakMegabytes >= shareOfMemory * megabytes);
      assert.deepEqual(greedy, []);
      assert.ok(containers.length > 0, "no container was asked");
    });
  }

  it("with a name that misleads is refused by the API", async () => {
    const answers = await eachOf(names, atATime, async ({ filename }) => {
      const { status, body } = await call("POST", "/uploads", { token, json: { filename, content_type: "image/png" } });
      return [status, body.detail];
    });

    assert.deepEqual(
      answers,
      names.map(({ message }) => [422, `filename: ${message}`]),
    );
  });

  it("to a key of one's own choice is refused by S3", async () => {
    const { id, upload } = await requestUpload(token, { filename: "notes.png", content_type: "image/png" });
    const { key } = upload.fields;
    const keys = [
      `${key}/../../somebody/else`,
      key!.replace("uploads/images", "results"),
      key!.replace("images", "documents"),
      `${key}\u202egnp.exe`,
      `${key}/${"n".repeat(1000)}`,
      "",
    ];

    const answers = await Promise.all(
      keys.map((other) => postFile({ url: upload.url, fields: { ...upload.fields, key: other } }, Buffer.from("x"))),
    );

    assert.deepEqual(
      answers.filter((status) => status !== 403 && status !== 400),
      [],
      answers.join(", "),
    );
    assert.equal((await readItem(token, id)).status, "pending");
  });
});
