import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { contentTypeOf } from "../../../local/content-types";
import { call, type PresignedPost, postFile } from "./api";
import { picture } from "./pictures";

/** A file as a student uploads it. */
export interface StudentFile {
  readonly filename: string;
  readonly content_type: string;
  readonly collection?: string;
}

/** An item as `GET /items/{id}` answers it. */
export interface Item {
  readonly item_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly text: string | null;
  readonly pages: number | null;
  readonly links: Readonly<Record<string, string | null>>;
}

/** One result of `GET /search`. */
export interface Found {
  readonly item_id: string;
  readonly score: number;
  readonly snippet: string;
  readonly page: number | null;
}

/** The content of a fixture. */
export function fixture(filename: string): Promise<Buffer> {
  return fs.readFile(path.join(__dirname, "..", "fixtures", filename));
}

/** What a browser declares a file of this name to be. */
export function declaredType(filename: string): string {
  const type = contentTypeOf(filename);
  if (type === undefined) throw new Error(`no content type for ${filename}`);
  return type;
}

/** Asks for leave to upload a file. */
export async function requestUpload(
  token: string,
  json: StudentFile,
): Promise<{ readonly id: string; readonly upload: PresignedPost }> {
  const { status, body } = await call("POST", "/uploads", { token, json });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.item_id as string, upload: body.upload as PresignedPost };
}

/** Uploads a file, a fixture of its name unless content is given. Returns the item's id. */
export async function upload(token: string, filename: string, content?: Uint8Array): Promise<string> {
  const form = await requestUpload(token, { filename, content_type: declaredType(filename) });
  assert.equal(await postFile(form.upload, content ?? (await fixture(filename))), 204, filename);
  return form.id;
}

/** How long a student tries again: longer than a database takes that recovers on a busy machine. */
const studentsPatienceSeconds = 300;

/**
 * Uploads a file as a student does who tries again when something does not work. Once S3 has taken the file,
 * the upload is acknowledged.
 *
 * @param onAnnounced is told the item's id before the file is sent.
 * @param onRefused is told of each attempt that failed.
 */
export async function uploadPatiently(
  token: string,
  file: StudentFile & { readonly content: Uint8Array },
  onAnnounced: (id: string) => void,
  onRefused: (problem: unknown) => void,
): Promise<void> {
  const { content, ...json } = file;
  const deadline = Date.now() + studentsPatienceSeconds * 1000;
  for (;;) {
    try {
      const form = await requestUpload(token, json);
      onAnnounced(form.id);
      assert.equal(await postFile(form.upload, content), 204, file.filename);
      return;
    } catch (problem) {
      onRefused(problem);
      if (Date.now() > deadline) throw problem;
      await delay(500);
    }
  }
}

/** Uploads pictures and notes in turn, some at a time; returns their items' ids. */
export async function uploadMany(token: string, count: number, note: (number: number) => string): Promise<string[]> {
  const ids: string[] = [];
  const waiting = Array.from({ length: count }, (_, number) => number);
  const sender = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const name = number % 2 === 0 ? `${number}.txt` : `${number}.png`;
      const content = number % 2 === 0 ? Buffer.from(note(number)) : picture(number);
      const file = { filename: name, content_type: declaredType(name), content };
      const place = number;
      await uploadPatiently(
        token,
        file,
        (id) => (ids[place] = id),
        () => undefined,
      );
    }
  };
  await Promise.all(Array.from({ length: 4 }, sender));
  return ids;
}

export async function readItem(token: string, id: string): Promise<Item> {
  const { status, body } = await call("GET", `/items/${id}`, { token });
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Item;
}

/** How long an item may take until its work has ended, with every function's first container still to start. */
const patienceSeconds = 90;

/** Waits until the work on an item has ended in one of these ways, and returns it. */
export async function ended(
  token: string,
  id: string,
  statuses: readonly string[] = ["ready", "rejected", "failed"],
  seconds = patienceSeconds,
): Promise<Item> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const item = await readItem(token, id);
    if (statuses.includes(item.status)) return item;
    if (Date.now() > deadline) {
      assert.fail(
        `item ${id} is ${item.status} after ${seconds} s, not ${statuses.join(" or ")}; look at the functions' logs`,
      );
    }
    await delay(250);
  }
}

/** Searches one's own items. */
export async function search(token: string, q: string): Promise<readonly Found[]> {
  const { status, body } = await call("GET", `/search?${new URLSearchParams({ q }).toString()}`, { token });
  assert.equal(status, 200, JSON.stringify(body));
  return body.results as Found[];
}
