import * as path from "path";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { builderOf, builds } from "../../operations/watch/builds";
import { theTarget } from "../../tests/e2e/support/target";
import { type Figure, repeated, seconds } from "../figures";
import { type BenchSystem, touch } from "../system";
import { images, placeOf, registry, repositoryOf } from "./repositories";

/** What builds cost side by side, and what images have in common. */
export async function imageBuilds({ checkout, deployed }: BenchSystem, runs: number): Promise<Figure[]> {
  const context = path.join(checkout, "images");
  const build = await builds(deployed.aws, registry(), await builderOf(deployed), context);
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
      what: "bytes that only one image has, of all its bytes",
      unit: "%",
      values: await uniqueBytes(),
      goal: { most: 15 },
    },
  ];
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
