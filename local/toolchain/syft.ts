import * as path from "path";
import { cached, sources } from "../cache";
import { goBuild, type GoBuild, goModule } from "./go";

const build: GoBuild = { module: "syft", packages: ["github.com/anchore/syft/cmd/syft"] };

/** The program that lists what an image is made of, built from its Go module. Returns the program. */
export async function ensureSyft(go: () => Promise<string>, log: string): Promise<string> {
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached("syft", inputs, async (to) => goBuild(await go(), build, to, log));
  return path.join(folder, process.platform === "win32" ? "syft.exe" : "syft");
}
