import * as assert from "assert/strict";
import * as net from "net";
import { modelsPort } from "./emulator";
import { ensureModels, modelsEndpoint, stopModels } from "./models";
import { StepError } from "./errors";
import { useTemporaryFolder } from "./testing/temporary-folder";

const bridge = "127.0.0.2";

describe("the stand-ins for models", () => {
  // Before the folder goes: it holds the process' record.
  afterEach(() => stopModels(folder()));
  const folder = useTemporaryFolder();

  /** A port of an emulator whose stand-ins' port nothing uses; `use` keeps that one in use. */
  async function emulatorPort(use: (server: net.Server) => Promise<void> | void = () => undefined): Promise<number> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, bridge, resolve));
    const { port } = server.address() as net.AddressInfo;
    await use(server);
    return port - modelsPort(0);
  }

  const close = (server: net.Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
  const answers = (host: string, port: number): Promise<boolean> =>
    fetch(`http://${host}:${port}/control/health`).then(
      ({ ok }) => ok,
      () => false,
    );

  it("are started once, and answer this machine and containers", async () => {
    const port = await emulatorPort(close);

    const models = await ensureModels(folder(), "python3", port, bridge);
    const again = await ensureModels(folder(), "python3", port, bridge);

    const endpoint = modelsEndpoint(port);
    assert.equal(endpoint, `http://localhost:${modelsPort(port)}`);
    assert.deepEqual(models, { anthropicBaseUrl: `${endpoint}/anthropic`, voyageBaseUrl: `${endpoint}/voyage/v1` });
    assert.deepEqual(again, models);
    const served = await Promise.all(["localhost", bridge].map((host) => answers(host, modelsPort(port))));
    assert.deepEqual(served, [true, true]);
  });

  it("answer containers where the Docker engine has them look now", async () => {
    const moved = "127.0.0.3";
    const port = await emulatorPort(close);
    await ensureModels(folder(), "python3", port, bridge);

    await ensureModels(folder(), "python3", port, moved);

    const served = await Promise.all([bridge, moved].map((host) => answers(host, modelsPort(port))));
    assert.deepEqual(served, [false, true]);
  });

  it("answer no more when they are stopped", async () => {
    const port = await emulatorPort(close);
    await ensureModels(folder(), "python3", port, bridge);

    const stopped = await stopModels(folder());

    assert.equal(stopped, true);
    assert.equal(await answers(bridge, modelsPort(port)), false);
  });

  it("that cannot be started say why", async () => {
    let occupant: net.Server | undefined;
    const port = await emulatorPort((server) => void (occupant = server));

    await assert.rejects(
      ensureModels(folder(), "python3", port, bridge),
      (error) => error instanceof StepError && /^model-stand-ins ended at once: .*\d{4}/.test(error.reason),
    );

    await close(occupant!);
  });
});
