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
    assert.equal(body.image_digest, theTarget().images.api!.split("@")[1]);
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

  it("says what it accepts when it refuses a type", async () => {
    const json = { filename: "program.exe", content_type: "application/x-msdownload" };

    const { status, contentType, body } = await call("POST", "/uploads", { token: student.accessToken, json });

    assert.equal(status, 422);
    assert.equal(contentType, "application/problem+json");
    assert.match(JSON.stringify(body), /image\/jpeg.*application\/pdf/);
  });
});
