import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { probe } from "../../local/commands";
import { ensureDaemon, stopDaemon } from "../../local/processes";
import { type Build, buildCommand, type Builder, builderOf, builds } from "../../operations/watch/builds";
import { type Figure, seconds } from "../figures";
import type { BenchSystem } from "../system";
import { images, registry, repositoryOf } from "./repositories";

/** How much of a build the registry's cache saves, which knows what the last update built, and what one costs without any. */
export async function freshBuilder({ checkout, deployed }: BenchSystem): Promise<Figure[]> {
  const context = path.join(checkout, "images");
  const builder = await builderOf(deployed);
  const { fromCache, fromNothing } = await withFreshBuilder(builder, async (fresh) => ({
    fromCache: await cachedSteps(context, fresh),
    fromNothing: await uncached(context, fresh, await builds(deployed.aws, registry(), fresh, context)),
  }));
  // Of all images, the worst one counts.
  return [
    {
      what: "steps that a fresh builder takes from the registry's cache",
      unit: "%",
      values: fromCache,
      goal: { least: 90 },
      percentile: 0,
    },
    {
      what: "an image built without any cache",
      unit: "s",
      values: fromNothing.map(({ built }) => built),
      goal: { most: 300 },
      percentile: 100,
    },
    {
      what: "an image built without any cache, and pushed",
      unit: "s",
      values: fromNothing.map(({ built, pushed }) => built + pushed),
      goal: { most: 120 },
      percentile: 100,
    },
  ];
}

/** A builder that is BuildKit itself. */
type BuildKit = Builder & Required<Pick<Builder, "buildctl">>;

/** Does something with a builder that knows nothing, and is gone afterwards. */
async function withFreshBuilder<T>(builder: Builder, action: (fresh: BuildKit) => Promise<T>): Promise<T> {
  const { buildctl } = builder;
  if (buildctl === undefined) throw new Error("a fresh builder takes BuildKit's own programs, which `npm start` makes");
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "student-helper-bench-"));
  const address = `unix://${path.join(folder, "buildkitd.sock")}`;
  const name = "fresh-buildkitd";
  const daemon = path.join(path.dirname(buildctl.program), "buildkitd");
  const workers = ["--addr", address, "debug", "workers"];
  await ensureDaemon({
    name,
    folder,
    command: [daemon, "--root", path.join(folder, "root"), "--addr", address, "--oci-worker-net", "host"],
    ready: async () => (await probe(buildctl.program, workers)).exitCode === 0,
    patience: 30,
  });
  try {
    return await action({ ...builder, buildctl: { ...buildctl, address } });
  } finally {
    await stopDaemon(folder, name);
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** For each image: how many of its steps a fresh builder finds in the cache that the last update wrote. */
async function cachedSteps(context: string, fresh: BuildKit): Promise<number[]> {
  const shares: number[] = [];
  for (const image of images) {
    await forgetAll(fresh);
    const cache = `type=registry,ref=${repositoryOf(image)}-cache:cache`;
    shares.push(shareOfCached(await buildOnly(context, fresh, image, "--import-cache", cache)));
  }
  return shares;
}

/** For each image: what its build takes of a builder whose caches are empty, pip's among them, and what its push then adds. */
async function uncached(
  context: string,
  fresh: BuildKit,
  build: Build,
): Promise<{ readonly built: number; readonly pushed: number }[]> {
  const times = [];
  for (const image of images) {
    await forgetAll(fresh);
    const built = await seconds(() => buildOnly(context, fresh, image));
    times.push({ built, pushed: await seconds(() => build(image, repositoryOf(image))) });
  }
  return times;
}

/** Empties a builder's caches: what it knows of one image would help the next. */
async function forgetAll({ buildctl: { program, address } }: BuildKit): Promise<void> {
  const pruned = await probe(program, ["--addr", address, "prune", "--all"]);
  if (pruned.exitCode !== 0) throw new Error(`BuildKit kept its cache: ${pruned.all.slice(-2000)}`);
}

/** Builds an image that goes nowhere, and returns what BuildKit said meanwhile. */
async function buildOnly(context: string, builder: BuildKit, image: string, ...more: string[]): Promise<string> {
  const [program, args] = buildCommand(builder, image, "unused", "unused");
  const isUnwanted = (option = ""): boolean => ["--output", "--metadata-file"].includes(option);
  const only = args.filter((argument, index) => !isUnwanted(argument) && !isUnwanted(args[index - 1]));
  const result = await probe(program, [...only, ...more, "--progress=rawjson"], { cwd: context });
  if (result.exitCode !== 0) throw new Error(`${image} could not be built: ${result.all.slice(-2000)}`);
  return result.all;
}

/** How many of a build's steps, in percent, were cached: those of the Dockerfile, not the loading of files. */
function shareOfCached(progress: string): number {
  const steps = new Map<string, boolean>();
  for (const line of progress.split("\n").filter((text) => text.startsWith("{"))) {
    const { vertexes = [] } = JSON.parse(line) as { vertexes?: { digest: string; name: string; cached?: boolean }[] };
    for (const { digest, name, cached = false } of vertexes) {
      if (/^\[.*\d+\/\d+\] (RUN|COPY)/.test(name)) steps.set(digest, (steps.get(digest) ?? false) || cached);
    }
  }
  if (steps.size === 0) throw new Error("BuildKit told of no step: nothing could be counted");
  return ([...steps.values()].filter(Boolean).length / steps.size) * 100;
}
