import { run } from "../../../local/commands";
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
  const found: string[] = [];
  for (const id of await containersOf("lambda")) {
    if ((await environmentOf(id)).AWS_LAMBDA_FUNCTION_NAME === name) found.push(id);
  }
  return found;
}

/** The container of the stack's database. */
export async function databaseContainer(): Promise<string> {
  const [id] = await containersOf("rds");
  if (id === undefined) throw new Error("no container of the database runs");
  return id;
}

/** The running containers that the tests' own emulator made for a service. */
async function containersOf(service: string): Promise<string[]> {
  const port = Number(new URL(theTarget().aws.endpoint!).port);
  const labels = [`ministack=${service}`, containerLabel(instance, port)];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  return (await docker("ps", "--quiet", ...filters)).split("\n").filter((id) => id !== "");
}
