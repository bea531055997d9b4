import * as fs from "fs/promises";
import * as net from "net";
import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { digest, exclusively } from "./cache";
import { containersWithout, removeContainers, startEndedContainers } from "./docker-engine";
import { StepError } from "./errors";
import { writeWhole } from "./files";
import { cacheFolder } from "./folders";
import { ensureDaemon, logFile, runningProcess, stopDaemon } from "./processes";

export const awsEmulator = "aws-emulator";
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
  /** Whether it ran already, or was started now: with what it held at its last, orderly end, or with nothing. */
  readonly state: "running" | "resumed" | "empty";
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
export const emulatorLog = (instance: string): string => logFile(instance, awsEmulator);

/**
 * Where the emulator of a system keeps files: what it held when it ended, and the keys that sign tokens, which otherwise all
 * systems of a machine would share, readable by everybody, and leave behind.
 */
const stateFolder = (instance: string): string => path.join(instance, "emulator-state");

/** Whether there is what `aws-emulator/persistence.py` writes at an orderly end; once read, or of no use, it goes. */
const isSaved = (instance: string): Promise<boolean> =>
  fs.access(path.join(stateFolder(instance), "saved.pickle")).then(
    () => true,
    () => false,
  );

/** The private key that signs a user pool's access tokens, as PEM. */
export const signingKey = (instance: string, userPoolId: string): Promise<string> =>
  fs.readFile(path.join(stateFolder(instance), "cognito-pool-keys", `${userPoolId}-access.pem`), "utf8");

/** The emulator of a system, if it runs. */
export async function runningEmulator(instance: string): Promise<Emulator | undefined> {
  const port = await recordedPort(instance);
  if (!port || !(await runningProcess(instance, awsEmulator))) return undefined;
  return { port, endpoint: endpointOf(port), state: "running" };
}

/**
 * Starts the AWS emulator of a system, with IAM enforced, unless it runs. It holds what it held when it ended in order, as
 * with the machine.
 *
 * @param instance the system's folder.
 * @param isUsable tells whether an emulator can go on; one that cannot is replaced by a new, empty one.
 * @param beforeEmpty runs when an empty one is about to be started.
 * @throws StepError when it does not start, or what it held cannot be reached because its port is in use.
 */
export async function ensureEmulator(
  instance: string,
  machine: EmulatorMachine,
  isUsable: (emulator: Emulator) => Promise<boolean>,
  beforeEmpty: () => Promise<void>,
): Promise<Emulator> {
  const kept = (await answeringEmulator(instance)) ?? (await resumedEmulator(instance, machine));
  if (kept && (await isUsable(kept))) return kept;
  await stopEmulator(instance);
  await beforeEmpty();
  const port = async (): Promise<number> => freePort((await recordedPort(instance)) ?? firstPort, machine.bridge);
  return { ...(await startEmulator(instance, machine, port)), state: "empty" };
}

/**
 * The emulator of a system, if it runs and answers. One that is busy may take some seconds, as may one that is about to end: it
 * saves what it holds, which is the user's data.
 */
async function answeringEmulator(instance: string): Promise<Emulator | undefined> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const running = await runningEmulator(instance);
    if (!running || (await answers(running.port))) return running;
    if (Date.now() > deadline) return undefined;
    await delay(500);
  }
}

/** An emulator with what it held at its orderly end, if it ended so and takes it: another version does not. */
async function resumedEmulator(instance: string, machine: EmulatorMachine): Promise<Emulator | undefined> {
  const port = await recordedPort(instance);
  if (!port || !(await isSaved(instance))) return undefined;
  // Functions, the program's state and what a user was shown hold the port.
  if (!(await areFree([port], ["127.0.0.1", machine.bridge]))) {
    const next = "end that program, or give up what the system holds with `npm stop`; then run the command again.";
    throw new StepError(`port ${port}, which is this system's, is in use by another program.`, next);
  }
  try {
    return { ...(await startEmulator(instance, machine, () => Promise.resolve(port))), state: "resumed" };
  } catch (error) {
    if (await isSaved(instance)) throw error;
    return undefined;
  }
}

async function startEmulator(
  instance: string,
  { python, bridge, imagePrefix }: EmulatorMachine,
  choosePort: () => Promise<number>,
): Promise<Omit<Emulator, "state">> {
  // One at a time on this machine, so that two checkouts do not take the same port.
  return exclusively(path.join(cacheFolder(), "emulator-port"), async () => {
    const port = await choosePort();
    await fs.mkdir(stateFolder(instance), { recursive: true, mode: 0o700 });
    writeWhole(path.join(instance, "port"), String(port));
    const listen = ["--bind", `127.0.0.1:${port}`, "--bind", `${bridge}:${port}`];
    // Without workers all is done by the process that is recorded: none is left when it is killed.
    const server = ["-m", "hypercorn", `${application}:app`, ...listen, "--keep-alive", "75", "--workers", "0"];
    await ensureDaemon({
      name: awsEmulator,
      folder: instance,
      command: [python, ...server],
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
        PERSIST_STATE: "1", // as aws-emulator/persistence.py does
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
    return { port, endpoint: endpointOf(port) };
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

/** Stops the emulator of a system, and removes what it held and the containers that it made. */
export async function stopEmulator(instance: string): Promise<boolean> {
  // In an orderly end it would save what it holds.
  const stopped = await stopDaemon(instance, awsEmulator, "SIGKILL");
  const port = await recordedPort(instance);
  // The emulator labels its containers with its identity; after a crash nobody else removes them.
  if (port) await removeContainers(containerLabel(instance, port));
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
  return stopped;
}

/** The label by which the emulator knows its containers. */
const instanceLabel = "ministack.instance";
const identityBeginning = "student-helper-";
const identity = (instance: string): string => `${identityBeginning}${digest([instance])}`;

/** What the emulator labels the containers of a system with. */
export const containerLabel = (instance: string, port: number): string =>
  `${instanceLabel}=${identity(instance)}:${port}`;

/** The names of the containers that run and that no emulator of this project made. */
export const containersOfOthers = (): Promise<string[]> => containersWithout(instanceLabel, identityBeginning);

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
