import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { servingFunctions } from "../functions";
import { checkout } from "../local/folders";
import { DeployedReleases } from "./deployed-releases";

/** A Lambda whose functions have so many versions each, of which the API has 7 live. */
class Lambda {
  /** The versions of the api that were asked for, in order. */
  readonly asked: string[] = [];
  /** The most requests for versions that were under way at a time. */
  most = 0;
  #running = 0;
  #refusals: number;
  readonly #server: http.Server;

  /** @param refusals so many requests for a version of the api are answered that there are too many */
  constructor(count: number, refusals: number) {
    this.#refusals = refusals;
    const all = Array.from({ length: count }, (_, index) => `${index + 1}`);
    this.#server = http.createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, "http://localhost");
      const answer = (body: object, status = 200): void =>
        void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      const isApi = pathname.includes("-api");
      if (pathname.endsWith("/aliases/live")) return answer({ FunctionVersion: isApi ? "7" : `${count}` });
      if (pathname.endsWith("/versions")) {
        const first = Number(searchParams.get("Marker") ?? 0);
        const page = all.slice(first, first + 50);
        const NextMarker = first + 50 < count ? `${first + 50}` : undefined;
        const LastModified = "2026-11-01T00:00:00.000+0000";
        return answer({ Versions: ["$LATEST", ...page].map((Version) => ({ Version, LastModified })), NextMarker });
      }
      if (isApi && this.#refusals-- > 0) {
        response.setHeader("x-amzn-errortype", "TooManyRequestsException");
        return answer({ Reason: "CallerRateLimitExceeded", message: "Rate exceeded" }, 429);
      }
      const version = searchParams.get("Qualifier")!;
      if (isApi) this.asked.push(version);
      this.most = Math.max(this.most, ++this.#running);
      setTimeout(() => {
        this.#running--;
        answer({ Code: { ResolvedImageUri: `registry/repository@sha256:${version}` } });
      }, 5);
    });
  }

  async start(): Promise<DeployedReleases> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return new DeployedReleases({
      name: "prod",
      pulumiName: "prod",
      pulumi: { cwd: checkout, env: {} },
      aws: { region: "eu-central-1", endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("the versions of a stack's functions", () => {
  let lambda: Lambda;
  const start = (count: number, refusals = 0): Promise<DeployedReleases> => {
    lambda = new Lambda(count, refusals);
    return lambda.start();
  };
  afterEach(() => lambda.stop());

  it("are the newest whose images may be kept, what is live and what was pinned, asked for a few at a time", async () => {
    const deployed = await start(100);

    const functions = await deployed.functions([
      { at: new Date(0), pins: { api: "5" } },
      { at: new Date(1), pins: {} },
    ]);

    const newest = Array.from({ length: 30 }, (_, index) => `${71 + index}`);
    const api = functions.find(({ name }) => name === "api")!;
    assert.deepEqual(
      api.versions.map(({ version }) => version),
      ["5", "7", ...newest],
    );
    assert.deepEqual(lambda.asked, ["5", "7", ...newest]);
    assert.deepEqual([api.live, api.versions.at(-1)?.digest], ["7", "sha256:100"]);
    assert.ok(lambda.most <= servingFunctions.length, `${lambda.most} requests at a time`);
  });

  it("are told, too, when Lambda has refused more often than the SDK would ask by itself", async () => {
    const deployed = await start(1, 3);

    const functions = await deployed.functions([]);

    assert.deepEqual(
      functions.map(({ versions }) => versions.map(({ digest }) => digest)),
      servingFunctions.map(() => ["sha256:1"]),
    );
  });
});
