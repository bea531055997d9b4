import * as fs from "fs/promises";
import * as path from "path";

import { probe } from "./commands";
import { cacheFolder } from "./folders";
import { ensureSharedDaemon } from "./leases";

export const buildKit = "buildkitd";

/** The name under which Docker's build client, and so the docker-build plugin, knows this BuildKit. */
export const builderName = "student-helper";

const folder = (): string => path.join(cacheFolder(), "buildkit-state");

/** Where BuildKit's daemon listens. */
export const builderAddress = (): string => `unix://${path.join(folder(), "buildkitd.sock")}`;

/** A running BuildKit. */
export interface Builder {
  readonly address: string;
  /** The `buildctl` program. */
  readonly buildctl: string;
  /** What the docker-build plugin needs in its environment to find the builder. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts BuildKit, shared by all checkouts as its cache is, and describes it to Docker's build client in the system's
 * own folder: nothing in the user's Docker settings changes.
 *
 * @param programs the folder of `buildkitd` and `buildctl`.
 * @param instance the folder of the system that needs it.
 */
export async function ensureBuilder(programs: string, instance: string): Promise<Builder> {
  const address = builderAddress();
  const buildctl = path.join(programs, "buildctl");
  const configuration = path.join(folder(), "buildkitd.toml");
  await fs.mkdir(folder(), { recursive: true });
  // Build steps use the machine's network: its package registries may be reachable only from there.
  await fs.writeFile(
    configuration,
    ["[worker.oci]", 'networkMode = "host"', 'reservedSpace = "2GB"', 'maxUsedSpace = "20GB"', ""].join("\n"),
  );
  const settings = ["--config", configuration, "--root", path.join(folder(), "root"), "--addr", address];
  await ensureSharedDaemon(
    {
      name: buildKit,
      command: [path.join(programs, "buildkitd"), ...settings],
      ready: async () => (await probe(buildctl, ["--addr", address, "debug", "workers"])).exitCode === 0,
      patience: 30,
    },
    instance,
  );
  const clientFolder = path.join(instance, "buildx");
  await fs.mkdir(path.join(clientFolder, "instances"), { recursive: true });
  await fs.writeFile(
    path.join(clientFolder, "instances", builderName),
    JSON.stringify({
      Name: builderName,
      Driver: "remote",
      Nodes: [{ Name: "local", Endpoint: address }],
      Dynamic: false,
    }),
  );
  // DOCKER_BUILDKIT=0, which some machines set, makes the plugin refuse to build.
  return { address, buildctl, env: { BUILDX_CONFIG: clientFolder, DOCKER_BUILDKIT: "1" } };
}
