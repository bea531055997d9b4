import * as fs from "fs/promises";
import * as path from "path";
import { StepError } from "../errors";
import { step } from "../progress";
import { ensureBuildKit } from "./buildkit";
import { writePolicyAnalyzer } from "./policy-analyzer";
import { ensureGo } from "./go";
import { ensurePulumiCli, ensurePulumiPlugins, findPulumi, type PulumiToolchain } from "./pulumi";
import { ensureEmulatorPython, pythonWithVenv } from "./python";
import { ensureSystemPackages, systemProgram } from "./system-packages";

/** The programs that the local system is made of; some are still being built. */
export interface Toolchain {
  readonly pulumi: Promise<PulumiToolchain>;
  /** The folder of `buildkitd` and `buildctl`. */
  readonly buildKit: Promise<string>;
  /** The interpreter that has the AWS emulator. */
  readonly emulatorPython: Promise<string>;
  readonly go: () => Promise<string>;
}

/**
 * Finds or begins to make the toolchain; what is there costs nothing.
 *
 * @returns as soon as it is certain that nothing is missing that this machine has to bring along.
 */
export async function ensureToolchain(instance: string): Promise<Toolchain> {
  const log = (name: string): string => path.join(instance, "logs", `${name}.log`);
  await step("system programs", async (note) => {
    if (process.platform !== "linux") {
      throw new StepError("the local system runs on Linux.", "start it in a virtual machine, on Windows in WSL 2.");
    }
    const installed = await ensureSystemPackages(
      [
        // Debian 13 has Docker's client in a package of its own, which docker.io only recommends.
        systemProgram("docker", "docker-cli", "docker.io"),
        systemProgram("dockerd", "docker.io"),
        systemProgram("iptables", "iptables"),
        systemProgram("runc", "runc"),
        systemProgram("debootstrap", "debootstrap"),
        systemProgram("tar", "tar"),
        pythonWithVenv,
      ],
      log("apt"),
    );
    if (installed.length > 0) note(`installed ${installed.join(", ")} with apt-get`);
  });
  const installed = await findPulumi(log("plugins"));
  // Network and processor are both used: Python packages arrive while Go compiles.
  const emulatorPython = step("AWS emulator", () => ensureEmulatorPython(log("pip")));
  const go = once(() => step("Go compiler", async () => ensureGo(() => emulatorPython, log("pip"))));
  // Go builds use all cores themselves, so one follows the other: first the program that the base images wait for.
  const buildKit = step("BuildKit", () => ensureBuildKit(go, log("buildkit-build")));
  const pulumi = buildKit.then(async () => ({
    env: installed.env,
    root: await step("Pulumi CLI", () => ensurePulumiCli(installed, go, log("pulumi-build"))),
    plugins: await step("Pulumi plugins", () => ensurePulumiPlugins(installed, go, log("plugins-build"))),
  }));
  return { pulumi, buildKit, emulatorPython, go };
}

/**
 * A Pulumi home folder of the system's own, with the toolchain's plugins: the user's logins and plugins stay as they are.
 *
 * @returns the environment for Pulumi's programs.
 */
export async function pulumiEnvironment(toolchain: PulumiToolchain, instance: string): Promise<Record<string, string>> {
  const home = path.join(instance, "pulumi-home");
  await fs.mkdir(path.join(home, "plugins"), { recursive: true });
  for (const [name, folder] of Object.entries(toolchain.plugins)) {
    // Pulumi passes over a plugin's folder that is a link itself.
    const own = path.join(home, "plugins", name);
    // Whoever has set PULUMI_HOME to this folder has its plugins installed.
    if (path.resolve(folder) === own) continue;
    await fs.rm(own, { force: true, recursive: true });
    await fs.mkdir(own);
    for (const file of await fs.readdir(folder)) await fs.symlink(path.join(folder, file), path.join(own, file));
  }
  // Pulumi's own log of each command takes half of the engine's processor time, and no setting turns it off: without a
  // folder for it, the engine does without. What an update said is in the system's own logs.
  const logs = path.join(home, "logs");
  await fs.rm(logs, { force: true, recursive: true });
  await fs.writeFile(logs, "");
  const programs = path.join(home, "bin");
  await writePolicyAnalyzer(programs);
  return {
    ...toolchain.env,
    PULUMI_HOME: home,
    // Behind everything else: an installed CLI brings the program along.
    PATH: [process.env.PATH, programs].join(path.delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The AWS plugin talks plain HTTP here, and fails with it when it is configured twice.
    AWS_CA_BUNDLE: "",
  };
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= action());
}
