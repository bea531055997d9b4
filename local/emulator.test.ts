import * as assert from "assert/strict";
import * as http from "http";
import * as net from "net";
import { freePort, knowsBucket, runningEmulator } from "./emulator";
import { StepError } from "./errors";
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

  it("cannot be taken where the engine's bridge is not on this machine", async () => {
    await assert.rejects(
      freePort(await unused(), "192.0.2.1"), // an address for documentation (RFC 5737)
      (error) =>
        error instanceof StepError && error.reason === "the address 192.0.2.1 cannot be listened on (EADDRNOTAVAIL).",
    );
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
    const emulator = { port, endpoint: `http://localhost:${port}`, started: false };

    const known = await Promise.all(["uploads", "others"].map((bucket) => knowsBucket(emulator, bucket)));

    server.close();
    server.closeAllConnections();
    assert.deepEqual(known, [true, false]);
  });

  it("is none where there never was one", async () => {
    assert.equal(await runningEmulator(folder()), undefined);
  });
});
