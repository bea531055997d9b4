import * as path from "path";
import { sources } from "./cache";
import { modelsPort } from "./emulator";
import { ensureDaemon, stopDaemon } from "./processes";

const name = "model-stand-ins";
const sourceFolder = path.join(__dirname, "model-stand-ins", "src");

/** Where the stand-ins of a system are, by the port of its emulator. */
export const modelsEndpoint = (emulatorPort: number): string => `http://localhost:${modelsPort(emulatorPort)}`;

/** Where the stand-ins of the two vendors' APIs are, as their official clients take it. */
export interface Models {
  readonly anthropicBaseUrl: string;
  readonly voyageBaseUrl: string;
}

/**
 * Starts the stand-ins for the vendors' models, unless those of these sources run.
 *
 * @param instance the system's folder.
 * @param python an interpreter; they need nothing beyond its standard library.
 * @param emulatorPort the port of the system's emulator, from which theirs follows.
 * @param bridge the address under which containers reach this machine.
 */
export async function ensureModels(
  instance: string,
  python: string,
  emulatorPort: number,
  bridge: string,
): Promise<Models> {
  const port = modelsPort(emulatorPort);
  const hosts = ["127.0.0.1", bridge].flatMap((host) => ["--host", host]);
  await ensureDaemon({
    name,
    folder: instance,
    command: [python, "-m", "model_stand_ins", "--port", String(port), ...hosts],
    program: await sources(sourceFolder),
    env: { PYTHONPATH: sourceFolder, PYTHONDONTWRITEBYTECODE: "1" },
    ready: () => answers(port),
    patience: 20,
  });
  const endpoint = modelsEndpoint(emulatorPort);
  return { anthropicBaseUrl: `${endpoint}/anthropic`, voyageBaseUrl: `${endpoint}/voyage/v1` };
}

/** Stops a system's stand-ins for the vendors' models. */
export async function stopModels(instance: string): Promise<boolean> {
  return stopDaemon(instance, name);
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/control/health`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
}
