import * as assert from "assert/strict";
import { print } from "../../local/progress";
import { call } from "./support/api";
import { limitConnections, openConnections } from "./support/database";
import { picture } from "./support/pictures";
import { linesWith } from "./support/logs";
import { untilQueuesAreEmpty } from "./support/queues";
import { newStudent, removeStudents } from "./support/students";
import { theTarget } from "./support/target";
import { readItem, upload } from "./support/uploads";

/** How many files are uploaded at once; `npm run prove` uploads 50. */
const uploads = Number(process.env.UPLOADS_AT_ONCE ?? 20);
/** Fewer than there are containers: the api has one for each request at a time, and the consumers have up to 30. */
const connections = Math.floor(uploads * 0.4);

describe(`${uploads} uploads at once, with ${connections} connections to the database`, function () {
  this.timeout("10m");
  let token: string;
  let ids: string[];
  let begun: number;

  before(async () => {
    ({ accessToken: token } = await newStudent());
    await startContainers();
    await limitConnections(connections);
    begun = Date.now();
  });

  after(async () => {
    await limitConnections(undefined);
    await removeStudents();
  });

  it("are all taken, at once", async () => {
    const started = performance.now();
    const files = Array.from({ length: uploads }, (_, number) => number);

    ids = await Promise.all(
      files.map((number) =>
        number % 2 === 0
          ? upload(token, `${number}.txt`, Buffer.from(`The crowded note ${number}.`))
          : upload(token, `${number}.png`, picture(number)),
      ),
    );

    print(`       taken after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    assert.equal(new Set(ids).size, uploads);
  });

  it("are all ready in the end, while the api answers everybody", async () => {
    const reading = ids.map((id) => call("GET", `/items/${id}`, { token }));
    assert.deepEqual(
      (await Promise.all(reading)).map(({ status }) => status),
      ids.map(() => 200),
    );

    await untilQueuesAreEmpty(180);

    const items = await Promise.all(ids.map((id) => readItem(token, id)));
    assert.deepEqual(
      items.map(({ status }) => status),
      ids.map(() => "ready"),
    );
  });

  it("leave room for others", async () => {
    assert.ok((await openConnections()) < connections, "every connection is kept by somebody");
  });

  it("are no failure of any function's connection", async () => {
    const functions = Object.keys(theTarget().functions);
    const lines = await Promise.all(functions.map((name) => linesWith(name, "psycopg.OperationalError", begun)));
    assert.deepEqual(lines.flat(), []);
  });
});

/**
 * Lets the api have a container for each upload: on a small machine, that many that start at once would take longer than
 * their first requests may.
 */
async function startContainers(): Promise<void> {
  for (let width = 4; width < uploads + 4; width += 4) {
    const asked = Array.from({ length: Math.min(width, uploads) }, () => call("GET", "/health"));
    const answers = await Promise.all(asked);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  }
}
