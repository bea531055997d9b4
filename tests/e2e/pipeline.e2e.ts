import * as assert from "assert/strict";
import { call } from "./support/api";
import { logged } from "./support/logs";
import { newStudent, removeStudents } from "./support/students";
import { declaredType, ended, fixture, type Item, readItem, requestUpload, search, upload } from "./support/uploads";

/** Each file from upload to search result; all of them are at work at once. */
describe("the way of a file to its search result", () => {
  let token: string;
  const ids = new Map<string, string>();

  const files = [
    "photograph.jpg",
    "turned.jpg",
    "transparent.png",
    "animated.gif",
    "lecture.pdf",
    "table.docx",
    "history.txt",
    "history-utf-16.txt",
    "notes.md",
    "scanned.pdf",
    "protected.pdf",
  ];

  before(async () => {
    ({ accessToken: token } = await newStudent());
    await Promise.all(files.map(async (file) => ids.set(file, await upload(token, file))));
  });

  after(removeStudents);

  const outcome = (file: string): Promise<Item> => ended(token, ids.get(file)!);

  for (const file of ["photograph.jpg", "turned.jpg", "transparent.png", "animated.gif"]) {
    it(`finds the picture ${file} by its description`, async () => {
      const item = await outcome(file);

      assert.equal(item.status, "ready", item.reason ?? "");
      assert.ok(item.title && item.description && item.tags.length > 0, JSON.stringify(item));
      const [best] = await search(token, `${item.title} ${item.description}`);
      assert.deepEqual([best?.item_id, best?.page], [item.item_id, null]);
    });
  }

  it("gives a thumbnail and the untouched original of a picture", async () => {
    const { links } = await outcome("turned.jpg");

    const thumbnail = await fetch(links.thumbnail!);
    const original = await fetch(links.original!);

    assert.equal(thumbnail.headers.get("content-type"), "image/webp");
    const bytes = Buffer.from(await thumbnail.arrayBuffer());
    // The camera was held upright: what is stored as 320 x 200 pixels is shown as 200 x 320. RFC 9649, section 2.5.
    assert.equal(bytes.subarray(12, 16).toString("latin1"), "VP8 ");
    assert.deepEqual([bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff], [200, 320]);
    assert.ok(!bytes.includes("the camera's owner"), "metadata is gone");
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), await fixture("turned.jpg"));
  });

  const answers = [
    { query: "chlorophyll absorbs light", file: "lecture.pdf", page: 1, snippet: /Chlorophyll absorbs red and blue/ },
    { query: "water through a membrane", file: "lecture.pdf", page: 3, snippet: /Osmosis moves water/ },
    { query: "Helium He element symbol", file: "table.docx", page: null, snippet: /Helium \| He/ },
    { query: "Französische Revolution Paris", file: "history.txt", page: null, snippet: /begann 1789 in Paris/ },
    { query: "Революция в Петрограде", file: "history-utf-16.txt", page: null, snippet: /началась в Петрограде/ },
    { query: "apples fall masses attract", file: "notes.md", page: null, snippet: /masses attract each other/ },
  ];
  for (const { query, file, page, snippet } of answers) {
    it(`finds "${query}" in ${file}`, async () => {
      const item = await outcome(file);

      assert.equal(item.status, "ready", item.reason ?? "");
      const found = await search(token, query);
      const passage = found.find((result) => snippet.test(result.snippet));
      assert.deepEqual([passage?.item_id, passage?.page], [item.item_id, page], JSON.stringify(found));
      assert.equal(found[0]?.item_id, item.item_id, JSON.stringify(found));
    });
  }

  it("counts the pages of a document", async () => {
    assert.equal((await outcome("lecture.pdf")).pages, 3);
  });

  const ways = {
    "photograph.jpg": ["image-processor", "analyzer", "embedder"],
    "lecture.pdf": ["document-processor", "analyzer", "embedder"],
  };
  for (const [file, way] of Object.entries(ways)) {
    it(`is found by the id of the request that began it in each log on the way of ${file}`, async () => {
      const id = ids.get(file)!;
      await outcome(file);

      const [requested] = await logged("api", "Upload requested", id);

      for (const step of way) {
        const done = await logged(step, "Step done", String(requested?.correlation_id));
        assert.deepEqual(
          done.map((line) => [line.item_id, line.step]),
          [[id, step]],
        );
      }
    });
  }

  const rejections = [
    { file: "scanned.pdf", reason: /no text/ },
    { file: "protected.pdf", reason: /protected by a password/ },
  ];
  for (const { file, reason } of rejections) {
    it(`rejects ${file} in words for a student`, async () => {
      const item = await outcome(file);

      assert.equal(item.status, "rejected");
      assert.match(item.reason ?? "", reason);
    });
  }

  it("rejects a file that is not what it is called", async () => {
    const id = await upload(token, "picture.png", Buffer.from("<html>not a picture</html>"));

    const item = await ended(token, id);

    assert.equal(item.status, "rejected");
    assert.match(item.reason ?? "", /not a picture/);
  });

  it("shows nothing of it to another student", async () => {
    const { accessToken: other } = await newStudent();
    await outcome("lecture.pdf");

    assert.deepEqual(await search(other, "chlorophyll absorbs light"), []);
    assert.deepEqual((await call("GET", "/items", { token: other })).body.items, []);
    assert.equal((await call("GET", `/items/${ids.get("lecture.pdf")}`, { token: other })).status, 404);
    assert.equal((await call("DELETE", `/items/${ids.get("lecture.pdf")}`, { token: other })).status, 404);
    assert.equal((await readItem(token, ids.get("lecture.pdf")!)).status, "ready");
  });

  it("finds nothing any more of what was deleted", async () => {
    const id = ids.get("notes.md")!;
    await outcome("notes.md");

    assert.equal((await call("DELETE", `/items/${id}`, { token })).status, 204);

    const found = await search(token, "apples fall masses attract");
    assert.ok(!found.some((result) => result.item_id === id));
    assert.equal((await call("GET", `/items/${id}`, { token })).status, 404);
  });

  it("waits for a file that was announced and has not come", async () => {
    const { id } = await requestUpload(token, { filename: "later.png", content_type: declaredType("later.png") });

    assert.equal((await readItem(token, id)).status, "pending");
  });
});
