import * as fs from "fs/promises";
import * as path from "path";
import { connectionError } from "./connections";
import { ensureDaemon, logFile, stopDaemon } from "./processes";
import type { PulumiToolchain } from "./toolchain/pulumi";

const name = "aws-plugin";

/**
 * Keeps the AWS plugin running: each preview and `up` would start it anew, which takes longer than all that a preview
 * then asks it. One that is not the toolchain's any more gives way.
 *
 * @param instance the system's folder.
 * @param env the environment of Pulumi's programs, whose PULUMI_HOME holds the plugins.
 * @returns the environment with which Pulumi attaches to it.
 */
export async function ensureAwsPlugin(
  instance: string,
  { plugins }: PulumiToolchain,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const folder = Object.keys(plugins).find((plugin) => plugin.startsWith("resource-aws-"))!;
  // From there, `npm run recover` knows it as a plugin of this system.
  const program = path.join(env.PULUMI_HOME!, "plugins", folder, "pulumi-resource-aws");
  await ensureDaemon({
    name,
    folder: instance,
    command: [program],
    // Behind the link of a name that stays, a checkout's change of local/toolchain/aws puts another one.
    program: [await fs.realpath(program).catch(() => "")],
    env,
    ready: async () => answers(await listeningPort(instance)),
    patience: 60,
  });
  return { PULUMI_DEBUG_PROVIDERS: `aws:${await listeningPort(instance)}` };
}

/** Stops a system's AWS plugin. */
export async function stopAwsPlugin(instance: string): Promise<boolean> {
  return stopDaemon(instance, name);
}

/** The port that a plugin listens on, which is the first line that it prints. */
async function listeningPort(instance: string): Promise<number> {
  const printed = await fs.readFile(logFile(instance, name), "utf8").catch(() => "");
  return Number(/^(\d+)\n/.exec(printed)?.[1] ?? 0);
}

async function answers(port: number): Promise<boolean> {
  return port !== 0 && (await connectionError("127.0.0.1", port)) === undefined;
}
