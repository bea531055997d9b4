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
