import * as fs from "fs/promises";
import * as net from "net";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { digest, exclusively } from "./cache";
import { removeContainers, startEndedContainers } from "./docker-engine";
import { StepError } from "./errors";
import { writeWhole } from "./files";
import { cacheFolder } from "./folders";
import { ensureDaemon, logFile, runningProcess, stopDaemon } from "./processes";

const name = "aws-emulator";
const application = path.join(__dirname, "aws-emulator", "aws_emulator.py");

/** The port that AWS emulators use by custom; the next free one is taken where it is in use. */
const firstPort = 4566;
const portsTried = 40;

/**
 * The ports of what belongs to an emulator follow from its own. None of them is one that browsers and `fetch` refuse,
 * as 6566 is (https://fetch.spec.whatwg.org/#port-blocking).
 */
const databasePort = (port: number): number => port + 1000;
/** The port of the stand-ins for the vendors' models. */
export const modelsPort = (port: number): number => port + 3000;
/** A database that is replaced gets the next port. */
const databasePorts = 10;

/** A running AWS emulator. */
export interface Emulator {
  readonly port: number;
  /** The address for clients on this machine and, forwarded by the base image, for functions. */
  readonly endpoint: string;
  /** Whether it was started now: it is empty then. */
  readonly started: boolean;
}

/** The emulator's administrator, as its documentation names it: it is reachable from this machine alone. */
export const rootCredentials = { accessKeyId: "test", secretAccessKey: "test" } as const;

/** What an emulator needs of this machine. */
export interface EmulatorMachine {
  /** The interpreter of the environment that holds the emulator. */
  readonly python: string;
  /** The address under which containers reach this machine. */
  readonly bridge: string;
  /** What stands before the names of the images from which databases are made. */
  readonly imagePrefix: string;
}

/** Where the emulator of a system writes. */
export const emulatorLog = (instance: string): string => logFile(instance, name);

/**
 * Where the emulator of a system keeps files: the keys that sign tokens, which otherwise all systems of a machine would
 * share, readable by everybody, and leave behind.
 */
const stateFolder = (instance: string): string => path.join(instance, "emulator-state");

/** The private key that signs a user pool's access tokens, as PEM. */
export const signingKey = (instance: string, userPoolId: string): Promise<string> =>
  fs.readFile(path.join(stateFolder(instance), "cognito-pool-keys", `${userPoolId}-access.pem`), "utf8");

/** The emulator of a system, if it runs. */
export async function runningEmulator(instance: string): Promise<Emulator | undefined> {
  const port = await recordedPort(instance);
  if (!port || !(await runningProcess(instance, name))) return undefined;
  return { port, endpoint: endpointOf(port), started: false };
}

/**
 * Starts the AWS emulator of a system, with IAM enforced, unless it runs.
 *
 * @param instance the system's folder.
 * @param isUsable tells whether the emulator that runs can go on; one that cannot is replaced by a new, empty one.
 * @param beforeStart runs when the emulator is about to be started, and so will be empty.
 */
export async function ensureEmulator(
  instance: string,
  { python, bridge, imagePrefix }: EmulatorMachine,
  isUsable: (emulator: Emulator) => Promise<boolean>,
  beforeStart: () => Promise<void>,
): Promise<Emulator> {
  const running = await runningEmulator(instance);
  if (running && (await answersInTime(running.port)) && (await isUsable(running))) return running;
  await stopEmulator(instance);
  await beforeStart();
  // One at a time on this machine, so that two checkouts do not take the same port.
  return exclusively(path.join(cacheFolder(), "emulator-port"), async () => {
    const port = await freePort((await recordedPort(instance)) ?? firstPort, bridge);
    await fs.mkdir(instance, { recursive: true });
    writeWhole(path.join(instance, "port"), String(port));
    await fs.mkdir(stateFolder(instance), { mode: 0o700 });
    const listen = ["--bind", `127.0.0.1:${port}`, "--bind", `${bridge}:${port}`];
    await ensureDaemon({
      name,
      folder: instance,
      command: [python, "-m", "hypercorn", `${application}:app`, ...listen, "--keep-alive", "75"],
      env: {
        AUTH: "true", // signatures are verified and IAM policies enforced
        GATEWAY_PORT: String(port),
        MINISTACK_ACCOUNT_ID: accountId(instance),
        MINISTACK_HOST: "localhost",
        MINISTACK_HOSTNAME: identity(instance),
        MINISTACK_IMAGE_PREFIX: imagePrefix,
        MINISTACK_RDS_PUBLIC_ENDPOINT: "1", // databases are reached at localhost, as everything else
        RDS_BASE_PORT: String(databasePort(port)),
        LAMBDA_DOCKER_FLAGS: `--env LOCALHOST_PORTS=${localhostPorts(port).join(",")}`,
        IOT_MTLS_ENABLED: "false", // it would take another port
        STATE_DIR: stateFolder(instance),
        TMPDIR: instance,
        PYTHONDONTWRITEBYTECODE: "1",
        AWS_ENDPOINT_URL: undefined,
        AWS_CA_BUNDLE: undefined,
        DOCKER_CONFIG: instance,
      },
      ready: () => answers(port),
      patience: 60,
    });
    return { port, endpoint: endpointOf(port), started: true };
  });
}

/** Whether the emulator answers for an S3 bucket: one that lost its state, whatever the reason, knows none. */
export async function knowsBucket({ port }: Emulator, bucket: string): Promise<boolean> {
  // Without credentials the answer is "forbidden" for a bucket that exists.
  const response = await fetch(`http://127.0.0.1:${port}/${bucket}`, { method: "HEAD" });
  return response.status !== 404;
}

/**
 * Starts the databases of a running emulator that ended with the Docker engine: the emulator starts one only when it makes
 * it. Containers of functions it replaces by itself.
 *
 * @returns how many there were.
 */
export async function startDatabases(instance: string, { port }: Emulator): Promise<number> {
  return startEndedContainers(["ministack=rds", containerLabel(instance, port)]);
}

/** Stops the emulator of a system and removes the containers that it made. */
export async function stopEmulator(instance: string): Promise<boolean> {
  const stopped = await stopDaemon(instance, name);
  const port = await recordedPort(instance);
  // The emulator labels its containers with its identity; after a crash nobody else removes them.
  if (port) await removeContainers(containerLabel(instance, port));
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
  return stopped;
}

/** What the emulator labels the containers of a system with. */
export const containerLabel = (instance: string, port: number): string =>
  `ministack.instance=${identity(instance)}:${port}`;

const identity = (instance: string): string => `student-helper-${digest([instance])}`;

/**
 * An account of each system's own: the emulator names databases' containers after it, and two systems on one machine
 * may call their databases alike.
 */
export const accountId = (instance: string): string =>
  String(BigInt(`0x${digest([instance])}`) % 10n ** 12n).padStart(12, "0");

/** What functions reach at localhost beside the emulator: databases and the stand-ins for the vendors' models. */
const localhostPorts = (port: number): number[] => [
  ...Array.from({ length: databasePorts }, (_, index) => databasePort(port) + index),
  modelsPort(port),
];

const endpointOf = (port: number): string => `http://localhost:${port}`;

async function recordedPort(instance: string): Promise<number | undefined> {
  const text = await fs.readFile(path.join(instance, "port"), "utf8").catch(() => "");
  return Number(text) || undefined;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/_ministack/health`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** Whether an emulator that runs answers: one that is busy may take some seconds, and what it holds is the user's data. */
async function answersInTime(port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await answers(port)) return true;
    await delay(500);
  }
  return false;
}

/**
 * A port for an emulator: as seen by its clients, nothing on this machine uses it, nor the ports that follow from it.
 *
 * @param preferred the port that is tried first.
 * @param bridge the address under which containers reach this machine: the port is free there, too.
 * @throws StepError when all are in use.
 */
export async function freePort(preferred: number, bridge: string): Promise<number> {
  const candidates = [preferred, ...Array.from({ length: portsTried }, (_, index) => firstPort + index)];
  for (const port of candidates) {
    if (await areFree([port, databasePort(port), modelsPort(port)], ["127.0.0.1", "::1", bridge])) return port;
  }
  throw new StepError(
    `the ports from ${firstPort} to ${firstPort + portsTried - 1} are all in use.`,
    "end one of the programs that use them, then run the command again.",
  );
}

async function areFree(ports: readonly number[], hosts: readonly string[]): Promise<boolean> {
  for (const port of ports) {
    for (const host of hosts) {
      if (!(await isFree(port, host))) return false;
    }
  }
  return true;
}

async function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      // Clients may take `localhost` for the address of IP version 6, which not every machine has.
      if (code === "EADDRINUSE" || host === "::1") return resolve(code !== "EADDRINUSE");
      const reason = `the address ${host} cannot be listened on (${code}).`;
      reject(new StepError(reason, "use a Docker engine that runs on this machine itself, not in a virtual machine."));
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
