import * as fs from "fs/promises";
import * as path from "path";

/**
 * Writes the program by which the engine runs a policy pack that is written for Node.js. The CLI's archive has one; a CLI
 * that is built from its Go module does not.
 *
 * @param folder is to be on the engine's PATH.
 */
export async function writePolicyAnalyzer(folder: string): Promise<void> {
  const start = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(
    path.join(folder, "pulumi-analyzer-policy-nodejs"),
    `#!/usr/bin/env node\nrequire(${JSON.stringify(start)});\n`,
    { mode: 0o755 },
  );
}
