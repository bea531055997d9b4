import * as assert from "assert/strict";
import * as http from "http";
import * as net from "net";
import * as path from "path";
import { accountId, awsEmulator, ensureEmulator, freePort, knowsBucket, modelsPort, runningEmulator } from "./emulator";
import { StepError } from "./errors";
import { stopDaemon } from "./processes";
import { useTemporaryFolder } from "./testing/temporary-folder";

const loopback = "127.0.0.1";

describe("the emulator's port", () => {
  const servers: net.Server[] = [];

  /** Lets something else use a port: the one that is given, or any. */
  async function occupy(port: number, host: string): Promise<number> {
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
    servers.push(server);
    return (server.address() as net.AddressInfo).port;
  }

  /** A port that nothing uses. */
  async function unused(): Promise<number> {
    const port = await occupy(0, loopback);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    return port;
  }

  afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

  it("is the one that the system had before, if it is free", async () => {
    const port = await unused();

    assert.equal(await freePort(port, loopback), port);
  });

  it("is another one where something uses it", async () => {
    const port = await occupy(0, loopback);

    const other = await freePort(port, loopback);

    assert.notEqual(other, port);
    assert.ok(other >= 4566 && other < 4606, `${other}`);
    await occupy(other, loopback); // it is free indeed
  });

  it("is another one where something uses it at the address that containers see", async () => {
    const bridge = "127.0.0.2";
    const port = await occupy(0, bridge);

    assert.notEqual(await freePort(port, bridge), port);
  });

  for (const [what, distance] of [
    ["the database", 1000],
    ["the models", 3000],
  ] as const) {
    it(`is another one where something uses the port of ${what}`, async () => {
      const port = await occupy(0, loopback);

      assert.notEqual(await freePort(port - distance, loopback), port - distance);
    });
  }

  it("is none that clients refuse, and neither are those that follow from it", async () => {
    const ports = Array.from({ length: 40 }, (_, index) => 4566 + index);
    const all = ports.flatMap((port) => [port, port + 1000, modelsPort(port)]);

    const refused = await Promise.all(
      [...all, 6566].map((port) =>
        fetch(`http://192.0.2.1:${port}`, { signal: AbortSignal.timeout(500) }).then(
          () => [],
          (error: Error) => ((error.cause as Error | undefined)?.message === "bad port" ? [port] : []),
        ),
      ),
    );

    assert.deepEqual(refused.flat(), [6566]);
  });

  it("cannot be taken where the engine's bridge is not on this machine", async () => {
    await assert.rejects(
      freePort(await unused(), "192.0.2.1"), // an address for documentation (RFC 5737)
      (error) =>
        error instanceof StepError && error.reason === "the address 192.0.2.1 cannot be listened on (EADDRNOTAVAIL).",
    );
  });
});

describe("the emulator's account", () => {
  it("is a system's own", () => {
    const [one, other] = ["/one/.local/main", "/other/.local/main"].map(accountId) as [string, string];

    assert.match(one, /^\d{12}$/);
    assert.notEqual(one, other);
    assert.equal(accountId("/one/.local/main"), one);
  });
});

describe("a running emulator", () => {
  const folder = useTemporaryFolder();

  it("knows a bucket whose content it refuses to show, and not one that it never heard of", async () => {
    const server = http.createServer(({ url }, response) => {
      response.writeHead(url === "/uploads" ? 403 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    const { port } = server.address() as net.AddressInfo;
    const emulator = { port, endpoint: `http://localhost:${port}`, state: "running" } as const;

    const known = await Promise.all(["uploads", "others"].map((bucket) => knowsBucket(emulator, bucket)));

    server.close();
    server.closeAllConnections();
    assert.deepEqual(known, [true, false]);
  });

  it("is none where there never was one", async () => {
    assert.equal(await runningEmulator(folder()), undefined);
  });
});

describe("an emulator", () => {
  const before = process.env;
  // Before the folder goes: it holds the process' record.
  afterEach(async () => {
    await stopDaemon(folder(), awsEmulator);
    process.env = before;
  });
  const folder = useTemporaryFolder();
  const machine = { python: "python3", bridge: "127.0.0.2", imagePrefix: "" };

  beforeEach(() => {
    process.env = {
      ...before,
      STUDENT_HELPER_CACHE: process.env.STUDENT_HELPER_CACHE,
      DOCKER_HOST: `unix://${path.join(folder(), "docker.sock")}`,
      PYTHONPATH: path.join(__dirname, "testing", "emulator"),
    };
  });

  /** Starts an emulator of a version, which holds a text, and tells what it has of an earlier one. */
  async function start(version: string, note: string): Promise<unknown> {
    Object.assign(process.env, { MINISTACK_VERSION: version, NOTE: note });
    let lost = false;
    const { port, state } = await ensureEmulator(
      folder(),
      machine,
      () => Promise.resolve(true),
      () => Promise.resolve(void (lost = true)),
    );
    const { loaded } = (await (await fetch(`http://127.0.0.1:${port}`)).json()) as { loaded: unknown[] };
    return { state, loaded, lost };
  }

  it("begins with what it held when it ended in order", async () => {
    await start("1.0", "apple");
    await stopDaemon(folder(), awsEmulator);

    assert.deepEqual(await start("1.0", ""), { state: "resumed", loaded: [{ note: "apple" }], lost: false });
  });

  for (const [what, version, note] of [
    ["another version saved", "1.1", "apple"],
    ["a service cannot load", "1.0", ""],
  ] as const) {
    it(`begins with nothing of what ${what}`, async () => {
      await start("1.0", note);
      await stopDaemon(folder(), awsEmulator);

      assert.deepEqual(await start(version, "pear"), { state: "empty", loaded: [], lost: true });
      await stopDaemon(folder(), awsEmulator);
      assert.deepEqual(await start(version, ""), { state: "resumed", loaded: [{ note: "pear" }], lost: false });
    });
  }

  it("removes containers of its own, but databases, and nobody else's, when it begins", async () => {
    Object.assign(process.env, { MINISTACK_VERSION: "1.0", NOTE: "" });
    const { port } = await ensureEmulator(
      folder(),
      machine,
      () => Promise.resolve(true),
      () => Promise.resolve(),
    );

    const { dropped } = (await (await fetch(`http://127.0.0.1:${port}`)).json()) as { dropped: unknown };

    assert.deepEqual(dropped, [{ ministack: "lambda", "ministack.instance": "own" }]);
  });
});
