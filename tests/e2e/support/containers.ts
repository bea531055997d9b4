import { probe, run } from "../../../local/commands";
import { containerLabel } from "../../../local/emulator";
import { instance, theTarget } from "./target";

/** Runs a command of the Docker engine's client, and returns what it printed. */
export async function docker(...args: readonly string[]): Promise<string> {
  return run("docker", args, { next: "look at the Docker engine: `docker ps --all`." });
}

/** The environment of a container. */
export async function environmentOf(container: string): Promise<Readonly<Record<string, string>>> {
  const lines = JSON.parse(await docker("inspect", "--format", "{{json .Config.Env}}", container)) as string[];
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/** The running containers of a function. */
export async function functionContainers(functionKey: string): Promise<readonly string[]> {
  const { name } = theTarget().functions[functionKey]!;
  const ids = await containersOf("lambda");
  if (ids.length === 0) return [];
  // One that has ended meanwhile is no failure of the others.
  const { stdout } = await probe("docker", ["inspect", "--format", "{{.Id}} {{json .Config.Env}}", ...ids]);
  const lines = stdout.split("\n").filter((line) => line.includes(`"AWS_LAMBDA_FUNCTION_NAME=${name}"`));
  return lines.map((line) => line.slice(0, line.indexOf(" ")));
}

/** Those of a function's containers that are at work on an event. */
export async function workingContainers(functionKey: string): Promise<readonly string[]> {
  const containers = await functionContainers(functionKey);
  const working = await Promise.all(
    containers.map(async (container) => {
      const { all } = await probe("docker", ["logs", "--tail", "100", container]);
      return all.lastIndexOf("START RequestId") > all.lastIndexOf("REPORT RequestId");
    }),
  );
  return containers.filter((_, index) => working[index]);
}

/** The memory of a function's container, in megabytes of 1,048,576 bytes. */
export interface Memory {
  /** The most that all of its processes together have had, and the kernel for them, since the container was made. */
  readonly peakMegabytes: number;
  /** What the function has in the cloud. */
  readonly megabytes: number;
}

/** Reads the memory of a function's running container, whichever version of control groups the machine has. */
export async function memoryOf(container: string): Promise<Memory> {
  const files = ["/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"];
  const peak = await docker("exec", container, "sh", "-c", `cat ${files.join(" 2>/dev/null || cat ")}`);
  const { AWS_LAMBDA_FUNCTION_MEMORY_SIZE } = await environmentOf(container);
  return { peakMegabytes: Number(peak) / 2 ** 20, megabytes: Number(AWS_LAMBDA_FUNCTION_MEMORY_SIZE) };
}

/** The container of the stack's database. */
export async function databaseContainer(): Promise<string> {
  const [id] = await containersOf("rds");
  if (id === undefined) throw new Error("no container of the database runs");
  return id;
}

/** The running containers that the tests' own emulator made for a service. */
export async function containersOf(service: string): Promise<string[]> {
  const port = Number(new URL(theTarget().aws.endpoint!).port);
  const labels = [`ministack=${service}`, containerLabel(instance, port)];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  return (await docker("ps", "--quiet", ...filters)).split("\n").filter((id) => id !== "");
}
