import * as fs from "fs/promises";
import * as path from "path";

export const project = "student-helper";
export const stackName = "local";

/** The folder in which Pulumi keeps what it knows of a system's resources. */
export const stateFolder = (instance: string): string => path.join(instance, "pulumi-state");

/**
 * Where Pulumi finds that folder. It keeps no attributes beside each file: for them it would take the MD5 sum of the whole state
 * at each step, a quarter of its computing, and one that is cut off hides the state beside it
 * (https://pkg.go.dev/gocloud.dev/blob/fileblob#URLOpener).
 */
export const backendUrl = (instance: string): string => `file://${stateFolder(instance)}?metadata=skip`;

/** Forgets what Pulumi knows of a system's resources: for when the emulator, and so all of them, is gone. */
export async function forgetStack(instance: string): Promise<void> {
  await fs.rm(stateFolder(instance), { recursive: true, force: true });
}
