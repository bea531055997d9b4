import * as path from "path";
import { cached, sources } from "../cache";
import { goBuild, type GoBuild, goModule } from "./go";

/**
 * The last release whose language host is part of the SDK's Go module: later ones are a module of their own, which Go's
 * proxy does not have. It runs programs with today's engine and SDK for Node.js, but no policy packs.
 */
const build: GoBuild = {
  module: "language-nodejs",
  packages: ["github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"],
};

/**
 * What the Pulumi CLI runs a program in TypeScript by, for tests of its commands: the local system runs the program
 * itself. The CLI's archive has one; a CLI that is built from its Go module does not.
 *
 * @returns the folder that is to be on the CLI's PATH.
 */
export async function ensureLanguageHost(go: () => Promise<string>, log: string): Promise<string> {
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached(path.basename(build.packages[0]!), inputs, async (to) =>
    goBuild(await go(), build, to, log),
  );
  return folder;
}
