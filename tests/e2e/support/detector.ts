import * as fs from "fs/promises";
import * as path from "path";
import { unescape } from "querystring";
import type { Readable } from "stream";

/** Finds secrets in whatever they may have got into, also where they are encoded. */
export class Detector {
  private readonly spellings: readonly (readonly [name: string, spelling: Buffer])[];
  private readonly longest: number;

  /** @param secrets name of each secret to its value */
  constructor(secrets: Readonly<Record<string, string>>) {
    this.spellings = Object.entries(secrets).flatMap(([name, value]) =>
      spellingsOf(value).map((spelling) => [name, Buffer.from(spelling)] as const),
    );
    this.longest = Math.max(...this.spellings.map(([, spelling]) => spelling.length));
  }

  /** The names of the secrets that something holds. */
  in(content: Buffer | string): string[] {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
    const found = this.spellings.filter(([, spelling]) => bytes.includes(spelling)).map(([name]) => name);
    return [...new Set(found)];
  }

  /** The names of the secrets that a stream holds, across its pieces, too. */
  async inStream(stream: Readable): Promise<string[]> {
    const found = new Set<string>();
    let before = Buffer.alloc(0);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([before, piece]);
      for (const name of this.in(bytes)) found.add(name);
      before = bytes.subarray(Math.max(0, bytes.length - this.longest + 1));
    }
    return [...found];
  }

  /** Of some texts by name, those that hold secrets, with the secrets' names. */
  inEach(texts: Readonly<Record<string, Buffer | string>>): Record<string, string[]> {
    const found = Object.entries(texts).map(([name, text]) => [name, this.in(text)] as const);
    return Object.fromEntries(found.filter(([, names]) => names.length > 0));
  }
}

/** A secret as it may stand somewhere: as it is, in hexadecimal, and in base64 at each place of its three bytes. */
function spellingsOf(value: string): string[] {
  const base64 = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(`${" ".repeat(before)}${value}`);
    // What stands before and behind changes the letters at the ends.
    const [first, last] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return (["base64", "base64url"] as const).map((encoding) => bytes.toString(encoding).slice(first, last));
  });
  return [...new Set([value, Buffer.from(value).toString("hex"), encodeURIComponent(value), ...base64])];
}

/**
 * What files of settings, pip's or apt's, may hold of secrets, by where it stands: each value, but of an address its user and
 * password alone, as pip and apt name the rest in their logs. A word, and what is the same on every machine, would be found
 * everywhere.
 */
export function valuesIn(files: Readonly<Record<string, Buffer | string>>): Record<string, string> {
  const values = Object.entries(files).flatMap(([file, content]) =>
    // `index-url = https://…` and `Acquire::http::Proxy "http://…";`
    [...content.toString().matchAll(/^(\S+) (?:= )?"?(.*?)"?;?$/gm)].flatMap(([, key, value = ""]) => {
      const place = `${file} ${key}`;
      if (!URL.canParse(value)) return [[place, value] as const];
      const { username, password } = new URL(value);
      return [[`${place} user`, unescape(username)] as const, [`${place} password`, unescape(password)] as const];
    }),
  );
  return Object.fromEntries(values.filter(([, value]) => value.length >= 12 && !value.startsWith("/etc/ssl/")));
}

/** Every file below a folder, but for those that are left out, by its path in it. */
export async function filesBelow(folder: string, leftOut: readonly string[]): Promise<Record<string, Buffer>> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !leftOut.includes(name.split(path.sep)[0]!));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await fs.readFile(path.join(folder, name))] as const)),
  );
}
