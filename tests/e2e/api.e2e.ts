import * as assert from "assert/strict";
import { call, postFile } from "./support/api";
import { newStudent, removeStudents, type Student } from "./support/students";
import { theTarget } from "./support/target";
import { ended, fixture, requestUpload } from "./support/uploads";

describe("a student's material", () => {
  let student: Student;
  let photograph: Buffer;

  before(async () => {
    student = await newStudent();
    photograph = await fixture("photograph.jpg");
  });

  after(removeStudents);

  it("tells anyone that the service is healthy, and which image runs", async () => {
    const { status, body } = await call("GET", "/health");

    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.status, "ok");
    assert.equal(body.image_digest, theTarget().functions.api!.imageUri.split("@")[1]);
  });

  it("takes a photograph, lists it, gives it back unchanged and removes it", async () => {
    const { accessToken: token } = student;
    const file = { filename: "Grace Hopper – notes.jpg", content_type: "image/jpeg", collection: "history" };

    const { id, upload } = await requestUpload(token, file);
    assert.equal(await postFile(upload, photograph), 204);

    const list = await call("GET", "/items?collection=history", { token });
    assert.equal(list.status, 200);
    const items = list.body.items as Record<string, unknown>[];
    assert.deepEqual(
      items.map((item) => [item.item_id, item.filename, item.collection]),
      [[id, file.filename, "history"]],
    );

    const { links } = await ended(token, id);
    const original = links.original!;
    const download = await fetch(original);
    assert.equal(download.headers.get("content-type"), "image/jpeg");
    assert.deepEqual(Buffer.from(await download.arrayBuffer()), photograph);

    assert.equal((await call("DELETE", `/items/${id}`, { token })).status, 204);
    assert.equal((await call("GET", `/items/${id}`, { token })).status, 404);
    assert.equal((await fetch(original)).status, 404);
  });

  it("hides it from every other student", async () => {
    const other = await newStudent();
    const { id, upload } = await requestUpload(student.accessToken, {
      filename: "mine.jpg",
      content_type: "image/jpeg",
    });
    assert.equal(await postFile(upload, photograph), 204);

    const listed = await call("GET", "/items", { token: other.accessToken });
    const read = await call("GET", `/items/${id}`, { token: other.accessToken });
    const removed = await call("DELETE", `/items/${id}`, { token: other.accessToken });

    assert.deepEqual(listed.body.items, []);
    assert.deepEqual([read.status, removed.status], [404, 404]);
    assert.equal((await call("GET", `/items/${id}`, { token: student.accessToken })).status, 200);
    assert.equal((await call("DELETE", `/items/${id}`, { token: student.accessToken })).status, 204);
  });

  it("lets S3 refuse another type, another key and a file that is too large", async () => {
    const { upload } = await requestUpload(student.accessToken, { filename: "a.jpg", content_type: "image/jpeg" });
    const { url, fields } = upload;
    const tooLarge = Buffer.alloc(20 * 1024 * 1024 + 1);

    const otherType = await postFile({ url, fields: { ...fields, "Content-Type": "text/html" } }, photograph);
    const otherKey = await postFile({ url, fields: { ...fields, key: "uploads/somebody/else" } }, photograph);
    const large = await postFile(upload, tooLarge);

    assert.deepEqual({ otherType, otherKey, large }, { otherType: 403, otherKey: 403, large: 400 });
  });

  it("says what it accepts when it refuses a type", async () => {
    const json = { filename: "program.exe", content_type: "application/x-msdownload" };

    const { status, contentType, body } = await call("POST", "/uploads", { token: student.accessToken, json });

    assert.equal(status, 422);
    assert.equal(contentType, "application/problem+json");
    assert.match(JSON.stringify(body), /image\/jpeg.*application\/pdf/);
  });
});
