import * as fs from "fs/promises";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { contentTypeOf, contentTypes } from "./content-types";
import { StepError } from "./errors";
import { instanceFolder } from "./folders";
import { main } from "./main";
import { step } from "./progress";
import { student, studentToken } from "./student";
import { savedOutputs } from "./system";

const help = `npm run upload --silent FILE: uploads a file as ${student}, a user of the running local system, waits
until the work on it has ended, and prints the item as JSON.

FILE is a JPEG, PNG, WebP, GIF or TIFF picture, a PDF, DOCX, TXT or Markdown document.`;

/** The first files wait for the functions' containers to start. */
const patienceSeconds = 120;

main(
  help,
  async ({ args: [file = ""] }) => {
    const type = contentTypeOf(file);
    if (!type)
      throw new StepError(`${file} is of no known type.`, `give a ${Object.keys(contentTypes).join(", ")} file.`);
    const content = await fs.readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new StepError(`${file} cannot be read (${error.code}).`, "name a file that exists.");
    });
    const instance = instanceFolder("main");
    const outputs = await savedOutputs(instance);
    const api = new Api(String(outputs.API_BASE_URL), await studentToken(instance, outputs));
    const { item_id: id, upload } = await api.json<Announced>("POST", "/uploads", {
      filename: path.basename(file),
      content_type: type,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    form.append("file", new Blob([new Uint8Array(content)]), path.basename(file));
    await expectSuccess(await fetch(upload.url, { method: "POST", body: form }));
    const item = await step(path.basename(file), async (note) => {
      const found = await api.ended(id);
      note(found.status);
      return found;
    });
    process.stdout.write(`${JSON.stringify(item, undefined, 2)}\n`);
  },
  { parameters: ["FILE"] },
);

interface Announced {
  readonly item_id: string;
  readonly upload: { readonly url: string; readonly fields: Readonly<Record<string, string>> };
}

/** The API, for one student. */
class Api {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  async json<T>(method: string, route: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.baseUrl}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await (await expectSuccess(response)).json()) as T;
  }

  /** The item, as soon as the work on it has ended. */
  async ended(id: string): Promise<{ readonly status: string }> {
    const deadline = Date.now() + patienceSeconds * 1000;
    for (;;) {
      const item = await this.json<{ readonly status: string }>("GET", `/items/${id}`);
      if (item.status !== "pending" && item.status !== "processing") return item;
      if (Date.now() > deadline) {
        const next = "look at the functions' containers: `docker ps --filter label=ministack=lambda`, `docker logs`.";
        throw new StepError(`item ${id} is still ${item.status} after ${patienceSeconds} s.`, next);
      }
      await delay(250);
    }
  }
}

async function expectSuccess(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new StepError(
    `${new URL(response.url).pathname} answered ${response.status}: ${await response.text()}`,
    "read what it says; `npm start` brings a system up that is damaged.",
  );
}
