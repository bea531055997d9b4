import { exists, probe, run } from "./commands";
import { StepError } from "./errors";
import { ensureSharedDaemon, isSharedDaemonRunning } from "./leases";

export const dockerEngine = "dockerd";

/**
 * Finds the Docker engine; on a machine where nothing runs it, and as root, starts it.
 *
 * @param instance the folder of the system that needs it.
 * @returns the address of the engine's default bridge on this machine, under which containers reach it.
 * @throws StepError when there is no engine and it cannot be started.
 */
export async function ensureDockerEngine(
  instance: string,
): Promise<{ readonly bridge: string; readonly version: string }> {
  const answers = (await serverVersion()) !== undefined;
  if (!answers) await assertStartable();
  // One that another checkout started must know that this system needs it, too.
  if (!answers || (await isSharedDaemonRunning(dockerEngine))) {
    await ensureSharedDaemon(
      {
        name: dockerEngine,
        command: ["dockerd"],
        ready: async () => (await serverVersion()) !== undefined,
        patience: 60,
      },
      instance,
    );
  }
  const next = "look at the Docker engine's default network: `docker network inspect bridge`.";
  const format = "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}";
  const network = await run("docker", ["network", "inspect", "bridge", "--format", format], { next });
  const [subnet = "", gateway] = network.trim().split(" ");
  // An engine that has not run a container yet names no gateway: it will take the subnet's first address.
  const bridge = gateway || subnet.replace(/\d+\/\d+$/, "1");
  return { bridge, version: (await serverVersion()) ?? "" };
}

/** @throws StepError where this process cannot start the engine: why, and what the reader does. */
async function assertStartable(): Promise<void> {
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST) {
    throw new StepError(
      `the Docker engine at ${DOCKER_HOST} (DOCKER_HOST) does not answer.`,
      "start it, or unset DOCKER_HOST to use this machine's own.",
    );
  }
  if (process.platform === "linux" && process.getuid?.() === 0 && (await exists("dockerd"))) return;
  const { all } = await probe("docker", ["version", "--format", "{{.Server.Version}}"]);
  throw new StepError(
    `the Docker engine does not answer: ${all.trim().split("\n").at(-1)}`,
    /permission denied/i.test(all)
      ? "let this user talk to it (`sudo usermod --append --groups docker $USER`, then sign in again)."
      : "start it (Docker Desktop, or `sudo systemctl start docker`).",
  );
}

/** Loads an image into the engine, unless it is there. */
export async function ensureImage(name: string, archive: string, log: string): Promise<void> {
  if ((await probe("docker", ["image", "inspect", name])).exitCode === 0) return;
  const next = "look at the Docker engine, then run the command again.";
  await run("docker", ["load", "--input", archive], { logFile: log, next });
}

/**
 * Starts the containers again that carry all of some labels and have ended, as they do with the engine.
 *
 * @returns how many there were.
 */
export async function startEndedContainers(labels: readonly string[]): Promise<number> {
  const next = "look at the Docker engine, then run the command again.";
  const filters = [...labels.map((label) => `label=${label}`), "status=exited"].flatMap((name) => ["--filter", name]);
  const listed = await run("docker", ["ps", "--all", "--quiet", ...filters], { next });
  const containers = listed.split("\n").filter((id) => id !== "");
  if (containers.length > 0) await run("docker", ["start", ...containers], { next });
  return containers.length;
}

/** Removes the containers that carry a label. */
export async function removeContainers(label: string): Promise<number> {
  // An engine that does not run runs no containers; the system's next start removes what is left.
  if (!(await serverVersion())) return 0;
  const next = "look at the Docker engine, then run the command again.";
  const listed = await run("docker", ["ps", "--all", "--quiet", "--filter", `label=${label}`], { next });
  const containers = listed.split("\n").filter((id) => id !== "");
  if (containers.length > 0) await run("docker", ["rm", "--force", "--volumes", ...containers], { next });
  return containers.length;
}

/**
 * The names of the containers that run and do not carry a label whose value begins in a certain way. An engine that does
 * not answer tells of none.
 */
export async function containersWithout(label: string, beginning: string): Promise<string[]> {
  const { stdout, exitCode } = await probe("docker", ["ps", "--format", `{{.Names}} {{.Label "${label}"}}`]);
  if (exitCode !== 0) return [];
  const containers = stdout.split("\n").map((line) => line.split(" ") as [string, string?]);
  return containers.filter(([name, value]) => name && !value?.startsWith(beginning)).map(([name]) => name);
}

async function serverVersion(): Promise<string | undefined> {
  const { stdout, exitCode } = await probe("docker", ["version", "--format", "{{.Server.Version}}"]);
  return exitCode === 0 ? stdout.trim() : undefined;
}
