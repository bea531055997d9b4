import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { checkout } from "../../local/folders";
import { StackFunctions } from "./functions";

const imageOf = (digest: string): string => `registry/student-helper-dev-api@${digest}`;

/**
 * A Lambda with the two functions of the image `api`, whose version 1 is live. It publishes no version of what its newest
 * version has already.
 */
class Lambda {
  /** Function to the images of its versions 1, 2, … */
  readonly versions: Record<string, string[]> = { api: [imageOf("sha256:1")], migrate: [imageOf("sha256:1")] };
  readonly live: Record<string, number> = { api: 1, migrate: 1 };
  /** The versions of `migrate` that were called. */
  readonly migrations: string[] = [];
  migrationFails = false;
  readonly #server = http.createServer((request, response) => {
    void text(request).then((body) => this.#answer(request, body, response));
  });

  #answer({ method, url }: http.IncomingMessage, body: string, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(url!, "http://localhost");
    const answer = (value: object): void =>
      void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    const name = /student-helper-dev-(\w+)/.exec(pathname)![1]!;
    const images = this.versions[name]!;
    const qualifier = searchParams.get("Qualifier");
    if (pathname.endsWith("/invocations")) {
      this.migrations.push(qualifier!);
      if (this.migrationFails) response.setHeader("x-amz-function-error", "Unhandled");
      return answer({ errorMessage: "no database" });
    }
    if (pathname.endsWith("/aliases/live")) {
      const { FunctionVersion } = JSON.parse(body) as { FunctionVersion: string };
      this.live[name] = Number(FunctionVersion);
      return answer({});
    }
    if (method === "PUT") {
      const { ImageUri } = JSON.parse(body) as { ImageUri: string };
      if (images.at(-1) !== ImageUri) images.push(ImageUri);
      return answer({ Version: `${images.length}` });
    }
    const version = qualifier === "live" ? this.live[name]! : Number(qualifier ?? images.length);
    return answer({
      Configuration: { Version: `${version}`, State: "Active" },
      Code: { ImageUri: images[version - 1] },
    });
  }

  async start(): Promise<StackFunctions> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return new StackFunctions({
      name: "dev",
      pulumiName: "dev",
      pulumi: { cwd: checkout, env: {} },
      aws: { region: "eu-central-1", endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("the functions that a watch updates", () => {
  let lambda: Lambda;
  let functions: StackFunctions;
  beforeEach(async () => {
    lambda = new Lambda();
    functions = await lambda.start();
  });
  afterEach(() => lambda.stop());

  it("are finished after a migration that failed, though their newest code is that of the change already", async () => {
    lambda.migrationFails = true;
    await assert.rejects(functions.update(await functions.running("api"), "sha256:2", true), /no database/);
    assert.deepEqual(lambda.live, { api: 1, migrate: 1 });
    lambda.migrationFails = false;

    const unserved = await functions.running("api");
    const versions = await functions.update(unserved, "sha256:2", false);

    assert.deepEqual(
      unserved.map(({ name, repository, digest }) => [name, repository, digest]),
      ["api", "migrate"].map((name) => [name, "registry/student-helper-dev-api", "sha256:1"]),
    );
    assert.deepEqual(versions, { api: "2", migrate: "2" });
    assert.deepEqual(lambda.live, { api: 2, migrate: 2 });
    assert.deepEqual(lambda.migrations, ["2", "2"]);
  });

  it("are migrated when a migration may have changed, and not again", async () => {
    await functions.update(await functions.running("api"), "sha256:2", true);
    await functions.update(await functions.running("api"), "sha256:3", false);

    assert.deepEqual(lambda.migrations, ["2"]);
    assert.deepEqual(lambda.live, { api: 3, migrate: 3 });
  });
});
