import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { type ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { run } from "../local/commands";
import { checkout, instanceFolder } from "../local/folders";
import { step } from "../local/progress";
import { ensureGo } from "../local/toolchain/go";
import { ensureEmulatorPython } from "../local/toolchain/python";
import { ensureSyft } from "../local/toolchain/syft";
import { type DeployedStack, nameInAws } from "./deployed-stack";
import type { Image } from "./images";

/** The program that writes SBOMs; built once, which takes minutes. */
export async function sbomProgram(): Promise<string> {
  const log = path.join(instanceFolder("main"), "logs", "syft-build.log");
  const go = (): Promise<string> => ensureGo(() => ensureEmulatorPython(log), log);
  return step("Syft", () => ensureSyft(go, log));
}

/** Where it is written what an image is made of: functions may run two images of one repository, after a rollback. */
export function sbomFile(stack: Pick<DeployedStack, "name">, { repository, digest }: Image): string {
  const name = repository.slice(nameInAws(stack, "").length);
  return path.join(checkout, "sbom", `${name}-${digest.slice("sha256:".length).slice(0, 12)}.cdx.json`);
}

/**
 * Writes down what an image in ECR is made of, packages of the operating system included, as CycloneDX JSON.
 *
 * @param program what {@link sbomProgram} returned
 * @param uri `<repository>@sha256:<digest>`
 * @param file is replaced
 */
export async function writeSbom(program: string, ecr: ECRClient, uri: string, file: string): Promise<void> {
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const auth = authorizationData[0]?.authorizationToken;
  // A file for its owner alone: a password is nothing for a command line or an environment.
  const login = await fs.mkdtemp(path.join(os.tmpdir(), "student-helper-login-"));
  try {
    const registry = uri.slice(0, uri.indexOf("/"));
    await fs.writeFile(path.join(login, "config.json"), JSON.stringify({ auths: { [registry]: { auth } } }));
    await fs.mkdir(path.dirname(file), { recursive: true });
    // Packages alone: a list of all their files would be ten times as long.
    const options = ["--select-catalogers", "-file", "--output", `cyclonedx-json=${file}`];
    await run(program, ["scan", "--quiet", `registry:${uri}`, ...options], {
      env: { DOCKER_CONFIG: login, SYFT_CHECK_FOR_APP_UPDATE: "false" },
      next: "read what Syft printed; then run the command again.",
      source: "the image's registry",
    });
  } finally {
    await fs.rm(login, { recursive: true, force: true });
  }
}
