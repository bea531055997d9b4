import { setTimeout as delay } from "timers/promises";
import { isDeepStrictEqual } from "util";
import * as assert from "assert/strict";
import { postFile } from "./api";
import { ownerName, possessions } from "./possessions";
import { newStudent, type Student } from "./students";
import { declaredType, ended, fixture, readItem, requestUpload } from "./uploads";

/** A student with what they have. */
export interface Party {
  readonly student: Student;
  readonly token: string;
  /** The name under which the system keeps their things. */
  readonly owner: string;
  /** The oldest item, which waits for its file. */
  readonly waiting: string;
  /** A photograph and a document, which are ready. */
  readonly picture: string;
  readonly document: string;
}

/** A student with an item that waits for its file. */
async function beginParty(): Promise<Pick<Party, "student" | "token" | "owner" | "waiting">> {
  const student = await newStudent();
  const token = student.accessToken;
  const { id: waiting } = await requestUpload(token, { filename: "waiting.txt", content_type: "text/plain" });
  return { student, token, owner: ownerName(student), waiting };
}

async function put(token: string, filename: string, collection: string): Promise<string> {
  const { id, upload } = await requestUpload(token, { filename, content_type: declaredType(filename), collection });
  assert.equal(await postFile(upload, await fixture(filename)), 204);
  return id;
}

/** Two students with the same files; the one has an older item than all of the other's, and newer ones. */
export async function twoParties(
  collections: Readonly<Record<"ada" | "bob", string>>,
): Promise<{ readonly ada: Party; readonly bob: Party }> {
  const bob = await beginParty();
  const ada = await beginParty();
  const complete = async (begun: Awaited<ReturnType<typeof beginParty>>, collection: string): Promise<Party> => ({
    ...begun,
    picture: await put(begun.token, "photograph.jpg", collection),
    document: await put(begun.token, "notes.md", collection),
  });
  const parties = { ada: await complete(ada, collections.ada), bob: await complete(bob, collections.bob) };
  for (const { token, picture, document } of Object.values(parties)) {
    await ended(token, picture, ["ready"]);
    await ended(token, document, ["ready"]);
  }
  return parties;
}

/** What a student has, as soon as it stays so: an item is ready a moment before its last checkpoint says so. */
export async function settledPossessions(student: Student): Promise<unknown> {
  for (;;) {
    const before = await possessions(student);
    await delay(1000);
    const now = await possessions(student);
    if (isDeepStrictEqual(before, now)) return now;
  }
}

/** A link to a student's original file. */
export async function originalLink({ token, document }: Party): Promise<string> {
  return (await readItem(token, document)).links.original!;
}
