import * as path from "path";
import { cached, sources } from "../cache";
import { goBuild, type GoBuild, goModule } from "./go";

const build: GoBuild = { module: "actionlint", packages: ["github.com/rhysd/actionlint/cmd/actionlint"] };

/** The linter of GitHub Actions' workflows, built from its Go module. Returns the program. */
export async function ensureActionlint(go: () => Promise<string>, log: string): Promise<string> {
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached("actionlint", inputs, async (to) => goBuild(await go(), build, to, log));
  return path.join(folder, process.platform === "win32" ? "actionlint.exe" : "actionlint");
}
