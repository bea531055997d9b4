import * as fs from "fs/promises";
import * as path from "path";
import { run } from "../../../local/commands";
import { checkout } from "../../../local/folders";
import { ensurePythonTools } from "../../../local/python-tools";
import { instance } from "./target";

/** A file that is made to harm, or is not what it is said to be; images/_testing makes it. */
export interface HostileFile {
  readonly name: string;
  readonly content_type: string;
  /** The reasons for which it may be rejected. */
  readonly reasons: readonly string[];
  /** Where it is. */
  readonly path: string;
}

/** A name of a file that the API refuses. */
export interface HostileName {
  readonly name: string;
  readonly filename: string;
  /** What the API says to it. */
  readonly message: string;
}

/** Material that gives orders to the model that describes it. */
export interface Injection {
  readonly name: string;
  /** What only this text holds; null for a picture. */
  readonly marker: string | null;
  /** What a model says that obeys. */
  readonly answer: Readonly<Record<string, unknown>>;
  readonly outcome: "stored" | "rejected" | "asked again";
  readonly path: string;
}

/** Everything that is made to harm. */
export interface Hostile {
  readonly files: readonly HostileFile[];
  readonly names: readonly HostileName[];
  readonly injections: readonly Injection[];
  /** The student, and the item, whom the orders are to harm. */
  readonly victim: { readonly owner: string; readonly item_id: string };
}

let made: Promise<Hostile> | undefined;

/** All hostile files, the same ones that the functions' own tests have; they are made once, as that takes seconds. */
export const hostileUploads = (): Promise<Hostile> => (made ??= makeHostile());

async function makeHostile(): Promise<Hostile> {
  const folder = path.join(instance, "hostile");
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  const python = await ensurePythonTools();
  await run(python, ["-m", "testing_support.hostile", folder], {
    env: { PYTHONPATH: path.join(checkout, "images", "_testing", "src"), PYTHONDONTWRITEBYTECODE: "1" },
    next: "run `npm run test:images`, which makes the same files.",
  });
  return JSON.parse(await fs.readFile(path.join(folder, "hostile.json"), "utf8")) as Hostile;
}

/** Does something with each of many things, with so many of them at a time; the results are in their order. */
export async function eachOf<T, R>(
  things: readonly T[],
  atATime: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = things.entries();
  const worker = async (): Promise<void> => {
    for (const [index, thing] of left) results[index] = await work(thing);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
}
