import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { imageFunctions } from "../../functions";
import { probe } from "../../local/commands";
import { ensureDaemon, stopDaemon } from "../../local/processes";
import { type Build, buildCommand, type Builder, builderOf, builds } from "../../operations/watch/builds";
import { theTarget } from "../../tests/e2e/support/target";
import { type Figure, repeated, seconds } from "../figures";
import { type BenchSystem, touch } from "../system";

const images = Object.keys(imageFunctions);

/** The repository that an image is in, and its digest. */
const placeOf = (image: string): readonly [repository: string, digest: string] => {
  const [repository, digest] = theTarget().images[image]!.split("@");
  return [repository!, digest!];
};
const repositoryOf = (image: string): string => placeOf(image)[0];

/** What builds cost side by side, how much of one a registry's cache saves, and what images have in common. */
export async function imageBuilds({ checkout, deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const context = path.join(checkout, "images");
  const builder = await builderOf(deployed);
  const registry = repositoryOf("api").split("/")[0]!;
  const build = await builds(deployed.aws, registry, builder, context);
  // Before any change below, which the last update's cache does not know.
  const { fromCache, fromNothing } = await withFreshBuilder(builder, async (fresh) => ({
    fromCache: await cachedSteps(context, fresh),
    fromNothing: await uncached(context, fresh, await builds(deployed.aws, registry, fresh, context)),
  }));
  const shared = "images/_shared/src/student_helper/logs.py";
  const slowest = await repeated(runs, async () => {
    await touch(checkout, shared);
    const alone: number[] = [];
    for (const image of images) alone.push(await seconds(() => build(image, repositoryOf(image))));
    return Math.max(...alone);
  });
  const together = await repeated(runs, async () => {
    await touch(checkout, shared);
    return seconds(() => Promise.all(images.map((image) => build(image, repositoryOf(image)))));
  });
  return [
    {
      what: `${images.length} images in parallel, after a change of shared code`,
      unit: "s",
      values: together,
      floor: { what: "the slowest of them alone", values: slowest },
      goal: { timesFloor: 1.5 },
    },
    {
      what: "steps that a fresh builder takes from the registry's cache",
      unit: "%",
      values: fromCache,
      goal: { least: 90 },
    },
    {
      what: "an image built without any cache",
      unit: "s",
      values: fromNothing.map(({ built }) => built),
      goal: { most: 300 },
      percentile: 100, // Of all images, the slowest.
    },
    {
      what: "an image built without any cache, and pushed",
      unit: "s",
      values: fromNothing.map(({ built, pushed }) => built + pushed),
      goal: { most: 120 },
      percentile: 100,
    },
    {
      what: "bytes that only one image has, of all its bytes",
      unit: "%",
      values: await uniqueBytes(),
      goal: { most: 15 },
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
  const { program, address } = fresh.buildctl;
  const times = [];
  for (const image of images) {
    const pruned = await probe(program, ["--addr", address, "prune", "--all"]);
    if (pruned.exitCode !== 0) throw new Error(`BuildKit kept its cache: ${pruned.all.slice(-2000)}`);
    const built = await seconds(() => buildOnly(context, fresh, image));
    times.push({ built, pushed: await seconds(() => build(image, repositoryOf(image))) });
  }
  return times;
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

/** For each image: how much of it, in percent, is in layers that no other image of the stack has. */
async function uniqueBytes(): Promise<number[]> {
  const ecr = new ECRClient(theTarget().aws);
  const layers = await Promise.all(
    images.map(async (image) => {
      const [repository, digest] = placeOf(image);
      const command = new BatchGetImageCommand({
        repositoryName: repository.slice(repository.indexOf("/") + 1),
        imageIds: [{ imageDigest: digest }],
      });
      const { images: found = [] } = await ecr.send(command);
      return (JSON.parse(found[0]!.imageManifest!) as { layers: { digest: string; size: number }[] }).layers;
    }),
  );
  const users = (digest: string): number => layers.filter((own) => own.some((layer) => layer.digest === digest)).length;
  const bytes = (own: readonly { readonly size: number }[]): number => own.reduce((sum, { size }) => sum + size, 0);
  return layers.map((own) => (bytes(own.filter(({ digest }) => users(digest) === 1)) / bytes(own)) * 100);
}
