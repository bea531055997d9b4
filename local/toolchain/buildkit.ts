import { cached, sources } from "../cache";
import { goBuild, type GoBuild, goModule } from "./go";

const build: GoBuild = {
  module: "buildkit",
  packages: ["github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl"],
};

/** BuildKit's daemon and its command, built from their Go module. Returns the folder that holds them. */
export async function ensureBuildKit(go: () => Promise<string>, log: string): Promise<string> {
  const inputs = [JSON.stringify(build), ...(await sources(goModule(build.module)))];
  const { folder } = await cached("buildkit", inputs, async (to) => goBuild(await go(), build, to, log));
  return folder;
}
