import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { probe, type Result } from "../../local/commands";
import { runningEmulator } from "../../local/emulator";
import { instance, theLocalTarget } from "./support/target";
import { edit } from "./support/updates";
import { Watching } from "./support/watching";

/** The README's commands in a second checkout, while the tests' own system runs. */
describe("the README", () => {
  let blocks: string[];
  let apiBaseUrl: string;
  let watching: Watching | undefined;
  const file = "images/api/src/api/app.py";
  const title = 'title="Student Helper"';

  before(async () => {
    const readme = await fs.readFile(path.join(theLocalTarget().checkout, "README.md"), "utf8");
    blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1]!);
  });

  after(() => {
    watching?.end();
    return shell("npm stop");
  });

  /** Runs lines as a reader would, in the second checkout. */
  async function shell(lines: string, env: Record<string, string> = {}): Promise<Result> {
    return probe("bash", ["-e", "-c", lines], { cwd: theLocalTarget().checkout, env });
  }

  async function health(): Promise<Readonly<Record<string, string>>> {
    return (await (await fetch(`${apiBaseUrl}/health`)).json()) as Record<string, string>;
  }

  /** The one block that holds a text. */
  function block(text: string): string {
    const found = blocks.filter((lines) => lines.includes(text));
    assert.equal(found.length, 1, `blocks of the README with ${text}`);
    return found[0]!;
  }

  it("brings a second checkout's system up with `npm start`, beside the first", async () => {
    // The packages are installed: `npm ci` is how this test itself came to run.
    const started = await shell(block("npm start").replace("npm ci && ", ""));

    assert.equal(started.exitCode, 0, started.all);
    assert.match(started.stdout, /Student Helper runs at http:\/\/localhost:\d+\//);
    const outputs = JSON.parse((await shell("npm run outputs --silent")).stdout) as { API_BASE_URL: string };
    apiBaseUrl = outputs.API_BASE_URL;
  });

  it("shows lines to try, which work as they stand", async () => {
    const tried = await shell(block("npm run token"), { API_BASE_URL: apiBaseUrl });

    assert.equal(tried.exitCode, 0, tried.all);
    assert.match(tried.stdout, /"status":"ok"/);
    assert.match(tried.stdout, /\{"items":\[\],"next_cursor":null\}/);
  });

  it("walks from an upload to a search result", async () => {
    const walk = `${block("npm run token")}\n${block("npm run upload")}`;

    const walked = await shell(walk, { API_BASE_URL: apiBaseUrl });

    assert.equal(walked.exitCode, 0, walked.all);
    assert.equal(walked.stdout.match(/"status": "ready"/g)?.length, 2, walked.all);
    assert.match(walked.stdout, /"results":\[.*"snippet":"# Gravity Apples fall because masses attract each other\."/);
  });

  it("lets a change serve within seconds with `npm run watch`", async () => {
    watching = new Watching(theLocalTarget().checkout);
    await watching.line(/watches images\//, 120);
    const earlier = await health();
    await edit(file, (text) => text.replace(title, 'title="Watched"'));
    const line = await watching.line(/ok api, .*: api version \d+, migrate version \d+ serve sha256:\w+/);

    const served = await health();

    assert.notEqual(served.image_digest, earlier.image_digest);
    assert.ok(served.image_digest!.startsWith(/sha256:\w+/.exec(line)![0]), line);
  });

  it("shows why a change cannot be built, and leaves what runs alone", async () => {
    const earlier = await health();
    await edit("images/api/Dockerfile", (text) => text.replace(/^COPY /m, "COPY nothing /nowhere\nCOPY "));
    const line = await watching!.line(/!! api, after [\s\S]*what runs was left alone\./);
    await edit("images/api/Dockerfile", (text) => text.replace("COPY nothing /nowhere\n", ""));

    const served = await health();

    assert.match(line, /the image api cannot be built:[\s\S]*\/nothing/);
    assert.deepEqual(served, earlier);
  });

  it("hands what was watched over to the next `npm start`, which finds the same image", async () => {
    const watched = await health();
    watching!.end();
    const told = await watching!.line(/stack local runs what no update knows: .*/);

    const started = await shell("npm start");

    assert.match(told, /: api, migrate\. Next: `npm start` records that;/);
    assert.equal(started.exitCode, 0, started.all);
    assert.match(started.all, /update docker-build:index:Image api/);
    assert.equal((await health()).image_digest, watched.image_digest);
    await edit(file, (text) => text.replace('title="Watched"', title));
  });

  it("ends that system with `npm stop`, and nothing else", async () => {
    const stopped = await shell("npm stop");
    const outputs = await shell("npm run outputs --silent");

    assert.equal(stopped.exitCode, 0, stopped.all);
    assert.equal(outputs.exitCode, 1);
    assert.match(outputs.all, /the local system is not running\.\nNext: start it with `npm start`\./);
    assert.ok(await runningEmulator(instance), "the system beside it runs");
  });
});
