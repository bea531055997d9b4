/** One student's hands on another's things: over every route of the API, and over all that it hands out. */
import * as assert from "assert/strict";
import { type FunctionDefinition, functions } from "../../functions";
import { type Answer, call, postFile, type PresignedPost } from "./support/api";
import { originalLink, type Party, settledPossessions, twoParties } from "./support/parties";
import { possessions } from "./support/possessions";
import { removeStudents } from "./support/students";
import { type Found, fixture, readItem, requestUpload } from "./support/uploads";

const collections = { ada: "what Ada keeps to herself", bob: "what Bob keeps to himself" };
const nobodys = "0198c000-0000-7000-8000-000000000000";
const statuses = ["pending", "processing", "ready", "rejected", "failed"];

let ada: Party;
let bob: Party;

/** The answer to a request of Bob's, without the id that names it. */
async function bobs(method: string, route: string, json?: unknown): Promise<Answer> {
  const { body, ...answer } = await call(method, route, { token: bob.token, ...(json === undefined ? {} : { json }) });
  const { correlation_id: id, ...said } = body;
  assert.ok(answer.status < 400 || (typeof id === "string" && id !== ""), "a problem names its request");
  return { ...answer, body: said };
}

/** The items that a request of Bob's lists. */
async function listed(query: string): Promise<string[]> {
  const { status, body } = await bobs("GET", `/items?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return (body.items as readonly { readonly item_id: string }[]).map(({ item_id }) => item_id);
}

/** The items that a search of Bob's finds, each once. */
async function found(query: string): Promise<string[]> {
  const { status, body } = await bobs("GET", `/search?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return [...new Set((body.results as readonly Found[]).map(({ item_id }) => item_id))].sort();
}

const notFound: Answer = {
  status: 404,
  contentType: "application/problem+json",
  body: { type: "about:blank", title: "Not Found", status: 404, detail: "You have no item with this id" },
};

/** Bob asks for each of Ada's items, in each spelling of an id: they are as items that nobody has. */
async function hasNone(method: string): Promise<void> {
  const spellings = (id: string): string[] => [id, id.toUpperCase(), id.replaceAll("-", ""), `urn:uuid:${id}`];
  for (const id of [nobodys, ada.waiting, ada.picture, ada.document].flatMap(spellings)) {
    assert.deepEqual(await bobs(method, `/items/${id}`), notFound, id);
  }
}

/** A request of Bob's that names what the API does not ask for is refused with the name. */
async function refusesUnknown(name: string, answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  assert.equal(status, 422, JSON.stringify(body));
  assert.match(String(body.detail), new RegExp(`Unknown: ${name}\\.`));
}

type Attempts = Readonly<Record<string, () => Promise<void>>>;

/** Attempts that differ by a name alone. */
const each = (names: readonly string[], what: string, attempt: (name: string) => Promise<void>): Attempts =>
  Object.fromEntries(names.map((name) => [`${what} ${name}`, () => attempt(name)]));

/** What Bob tries on each route, by what the route does about it. */
const attempts: Readonly<Record<string, Attempts>> = {
  "GET /health": {
    "tells nothing of anybody": async () => {
      const { status, body } = await bobs("GET", "/health");

      assert.deepEqual([status, Object.keys(body).sort()], [200, ["image_digest", "status", "version"]]);
    },
  },
  "GET /openapi.json": {
    "is the same for everybody": async () => {
      const { body } = await call("GET", "/openapi.json", { token: ada.token });

      assert.deepEqual((await bobs("GET", "/openapi.json")).body, body);
    },
  },
  "POST /uploads": {
    "makes an item of his own where he names hers": async () => {
      const file = { filename: "photograph.jpg", content_type: "image/jpeg", collection: collections.ada };
      const { status, body } = await bobs("POST", "/uploads", file);

      const id = String(body.item_id);
      assert.equal(status, 201, JSON.stringify(body));
      assert.ok(![ada.waiting, ada.picture, ada.document].includes(id));
      assert.equal((body.upload as PresignedPost).fields.key, `uploads/images/${bob.owner}/${id}`);
      assert.equal((await bobs("DELETE", `/items/${id}`)).status, 204);
    },
    "refuses a file name that leads to her folder": async () => {
      const file = { filename: `../${ada.owner}/${ada.document}`, content_type: "text/markdown" };

      assert.equal((await bobs("POST", "/uploads", file)).status, 422);
    },
    ...each(["item_id", "key", "object_key", "owner", "sub"], "refuses to be told the", async (name) => {
      const file = { filename: "notes.md", content_type: "text/markdown", [name]: ada.document };

      await refusesUnknown(name, bobs("POST", "/uploads", file));
    }),
  },
  "GET /items": {
    "lists his own alone": async () => {
      assert.deepEqual(await listed("limit=100"), [bob.document, bob.picture, bob.waiting]);
    },
    "lists his own alone, page by page": async () => {
      const pages: string[] = [];
      for (let cursor = ""; cursor !== "null";) {
        const { body } = await bobs("GET", `/items?limit=1${cursor && `&cursor=${cursor}`}`);
        pages.push(...(body.items as readonly { readonly item_id: string }[]).map(({ item_id }) => item_id));
        cursor = String(body.next_cursor);
      }

      assert.deepEqual(pages, [bob.document, bob.picture, bob.waiting]);
    },
    "lists his own alone in every status": async () => {
      const byStatus = await Promise.all(statuses.map((status) => listed(`status=${status}`)));

      assert.deepEqual(byStatus, [[bob.waiting], [], [bob.document, bob.picture], [], []]);
    },
    "has nothing in her collection": async () => {
      assert.deepEqual(await listed(new URLSearchParams({ collection: collections.ada }).toString()), []);
    },
    "goes on after her item with his own older one": async () => {
      assert.deepEqual(await listed(`cursor=${ada.document}`), [bob.waiting]);
    },
    "goes on after the end of her page with his own older one": async () => {
      const { body } = await call("GET", "/items?limit=1", { token: ada.token });

      assert.equal(body.next_cursor, ada.document);
      assert.deepEqual(await listed(`limit=1&cursor=${String(body.next_cursor)}`), [bob.waiting]);
    },
    ...each(["owner", "sub", "item_id"], "refuses to be told the", async (name) => {
      await refusesUnknown(name, bobs("GET", `/items?${name}=${ada.owner}`));
    }),
  },
  "GET /items/{item_id}": { "has none of hers": () => hasNone("GET") },
  "DELETE /items/{item_id}": { "has none of hers": () => hasNone("DELETE") },
  "GET /search": {
    "finds his own alone by the words of hers": async () => {
      const { title, description } = await readItem(ada.token, ada.picture);
      const ownItems = [bob.picture, bob.document].sort();

      for (const q of [title!, description!, (await fixture("notes.md")).toString().slice(0, 1000)]) {
        assert.deepEqual(await found(new URLSearchParams({ q, limit: "50" }).toString()), ownItems, q);
      }
    },
    "finds nothing in her collection": async () => {
      const query = new URLSearchParams({ q: "apples fall", collection: collections.ada });

      assert.deepEqual(await found(query.toString()), []);
    },
    ...each(["owner", "sub", "item_id"], "refuses to be told the", async (name) => {
      await refusesUnknown(name, bobs("GET", `/search?q=apples&${name}=${ada.owner}`));
    }),
  },
};

/** What Bob changes in a form that he was given, and S3's answer. */
const forms: Readonly<Record<string, readonly [status: number, change: (form: Form) => Changes]>> = {
  "her file's key": [403, () => ({ key: `uploads/documents/${ada.owner}/${ada.document}` })],
  "the key of the item that waits for her file": [
    403,
    () => ({ key: `uploads/documents/${ada.owner}/${ada.waiting}` }),
  ],
  "a new key in her folder": [403, ({ key }) => ({ key: key!.replace(bob.owner, ada.owner) })],
  "a key among her results": [403, () => ({ key: `results/${ada.owner}/${ada.picture}/1/thumbnail.webp` })],
  "the key of another item of his": [403, () => ({ key: `uploads/documents/${bob.owner}/${bob.document}` })],
  "a key that the file's name completes": [403, () => ({ key: `uploads/documents/${ada.owner}/\${filename}` })],
  "a key that begins alike": [403, ({ key }) => ({ key: `${key!}/more` })],
  "another content type": [403, () => ({ "Content-Type": "text/html" })],
  "no content type": [403, () => ({ "Content-Type": undefined })],
  "a policy for her key": [
    403,
    ({ policy }) => {
      const key = `uploads/documents/${ada.owner}/${ada.document}`;
      return { key, policy: withConditions(policy!, (conditions) => [...conditions.filter(isNotOfKey), { key }]) };
    },
  ],
  "a policy for any key": [
    403,
    ({ policy }) => ({
      key: `uploads/documents/${ada.owner}/${ada.document}`,
      policy: withConditions(policy!, (conditions) => [...conditions.filter(isNotOfKey), ["starts-with", "$key", ""]]),
    }),
  ],
  "a policy for larger files": [
    403,
    ({ policy }) => ({
      policy: withConditions(policy!, (conditions) => [
        ...conditions.filter((condition) => !JSON.stringify(condition).includes("content-length-range")),
        ["content-length-range", 1, 2 ** 40],
      ]),
    }),
  ],
  "no proof of who gave it": [
    403,
    (form) => Object.fromEntries(Object.keys(form).flatMap((name) => (isOfProof(name) ? [[name, undefined]] : []))),
  ],
  "the signature of another form": [403, () => ({ "x-amz-signature": "0".repeat(64) })],
  "another time": [403, (form) => ({ "x-amz-date": form["x-amz-date"]!.replace(/T.*/, "T000000Z") })],
  "leave for everybody to read": [403, () => ({ acl: "public-read" })],
  "metadata of his own": [403, () => ({ "x-amz-meta-owner": ada.owner })],
  "a page to go to": [403, () => ({ success_action_redirect: "https://example.org/" })],
};

type Form = PresignedPost["fields"];
type Changes = Readonly<Record<string, string | undefined>>;

function withConditions(policy: string, change: (conditions: readonly unknown[]) => readonly unknown[]): string {
  const text = JSON.parse(Buffer.from(policy, "base64").toString()) as { readonly conditions: readonly unknown[] };
  return Buffer.from(JSON.stringify({ ...text, conditions: change(text.conditions) })).toString("base64");
}

const isOfProof = (field: string): boolean => field === "policy" || field.startsWith("x-amz-");
const isNotOfKey = (condition: unknown): boolean => typeof (condition as { key?: unknown }).key !== "string";

const changedForm = ({ url, fields }: PresignedPost, changes: Changes): PresignedPost => ({
  url,
  fields: Object.fromEntries(
    Object.entries({ ...fields, ...changes }).filter((field): field is [string, string] => field[1] !== undefined),
  ),
});

/** What Bob changes in a link that he was given. */
const links: Readonly<Record<string, (link: URL) => readonly [url: URL, method?: string]>> = {
  "her file's key": (link) => [withKey(link, `uploads/documents/${ada.owner}/${ada.document}`)],
  "her item's id in his folder": (link) => [withKey(link, `uploads/documents/${bob.owner}/${ada.document}`)],
  "another item of his": (link) => [withKey(link, `uploads/images/${bob.owner}/${bob.picture}`)],
  "a list of her files": (link) => {
    const list = withKey(link, "");
    list.searchParams.set("prefix", `uploads/documents/${ada.owner}/`);
    return [list];
  },
  "no proof of who gave it": (link) => [new URL(link.pathname, link)],
  "another signature": (link) => [withQuery(link, "X-Amz-Signature", "0".repeat(64))],
  "a longer life": (link) => [withQuery(link, "X-Amz-Expires", "604800")],
  "a page instead of a download": (link) => [withQuery(link, "response-content-disposition", "inline")],
  "another content type": (link) => [withQuery(link, "response-content-type", "text/html")],
  "PUT for GET": (link) => [link, "PUT"],
  "DELETE for GET": (link) => [link, "DELETE"],
};

function withKey(link: URL, key: string): URL {
  const changed = new URL(link);
  changed.pathname = link.pathname.replace(`uploads/documents/${bob.owner}/${bob.document}`, key);
  assert.notEqual(changed.pathname, link.pathname);
  return changed;
}

function withQuery(link: URL, name: string, value: string): URL {
  const changed = new URL(link);
  changed.searchParams.set(name, value);
  return changed;
}

describe("between two students", () => {
  let adasThings: unknown;

  before(async () => {
    ({ ada, bob } = await twoParties(collections));
    adasThings = await settledPossessions(ada.student);
  });

  afterEach("Ada has what she had", async () => {
    assert.deepEqual(await possessions(ada.student), adasThings);
  });

  after(removeStudents);

  const routes = Object.values<FunctionDefinition>(functions).flatMap((entry) => entry.routes ?? []);

  it("every route is tried that the API describes", async () => {
    const { paths } = (await bobs("GET", "/openapi.json")).body as { readonly paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );

    // The document does not describe itself.
    assert.deepEqual([...described, "GET /openapi.json"].sort(), Object.keys(attempts).sort());
    assert.deepEqual(routes.map(({ route }) => route).sort(), Object.keys(attempts).sort());
  });

  for (const [route, tried] of Object.entries(attempts)) {
    for (const [what, attempt] of Object.entries(tried)) it(`${route} ${what}`, attempt);
  }

  describe("a form for an upload", () => {
    let form: PresignedPost;
    let content: Buffer;

    before(async () => {
      const file = { filename: "notes.md", content_type: "text/markdown" };
      form = (await requestUpload(bob.token, file)).upload;
      content = await fixture("notes.md");
    });

    for (const [what, [status, change]] of Object.entries(forms)) {
      it(`is refused with ${what}`, async () => {
        assert.equal(await postFile(changedForm(form, change(form.fields)), content), status);
      });
    }

    it("is refused with a file that is one byte too large, or empty", async () => {
      const tooLarge = Buffer.alloc(20 * 1024 * 1024 + 1);

      assert.deepEqual([await postFile(form, tooLarge), await postFile(form, Buffer.alloc(0))], [400, 400]);
    });

    it("is accepted as it was given", async () => {
      assert.equal(await postFile(form, content), 204);
    });
  });

  describe("a link to a file", () => {
    let link: URL;

    before(async () => {
      link = new URL(await originalLink(bob));
    });

    for (const [what, change] of Object.entries(links)) {
      it(`is refused with ${what}`, async () => {
        const [url, method = "GET"] = change(link);

        const { status } = await fetch(url, { method, ...(method === "PUT" ? { body: "his" } : {}) });

        assert.equal(status, 403);
      });
    }

    it("is accepted as it was given", async () => {
      assert.equal(await (await fetch(link)).text(), (await fixture("notes.md")).toString());
    });
  });
});
