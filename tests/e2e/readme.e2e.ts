import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { probe, type Result } from "../../local/commands";
import { runningEmulator } from "../../local/emulator";
import { instance, theLocalTarget } from "./support/target";

/** The README's commands in a second checkout, while the tests' own system runs. */
describe("the README", () => {
  let blocks: string[];
  let apiBaseUrl: string;

  before(async () => {
    const readme = await fs.readFile(path.join(theLocalTarget().checkout, "README.md"), "utf8");
    blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1]!);
  });

  after(() => shell("npm stop"));

  /** Runs lines as a reader would, in the second checkout. */
  async function shell(lines: string, env: Record<string, string> = {}): Promise<Result> {
    return probe("bash", ["-e", "-c", lines], { cwd: theLocalTarget().checkout, env });
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

  it("ends that system with `npm stop`, and nothing else", async () => {
    const stopped = await shell("npm stop");
    const outputs = await shell("npm run outputs --silent");

    assert.equal(stopped.exitCode, 0, stopped.all);
    assert.equal(outputs.exitCode, 1);
    assert.match(outputs.all, /the local system is not running\.\nNext: start it with `npm start`\./);
    assert.ok(await runningEmulator(instance), "the system beside it runs");
  });
});
