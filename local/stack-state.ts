import * as fs from "fs/promises";
import * as path from "path";

export const project = "student-helper";
export const stackName = "local";

/** The folder in which Pulumi keeps what it knows of a system's resources. */
export const stateFolder = (instance: string): string => path.join(instance, "pulumi-state");

/** Forgets what Pulumi knows of a system's resources: for when the emulator, and so all of them, is gone. */
export async function forgetStack(instance: string): Promise<void> {
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
}
