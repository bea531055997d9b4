import { Readable } from "stream";
import type { ReadableStream } from "stream/web";
import { createGunzip } from "zlib";
import { ECRClient, GetAuthorizationTokenCommand, paginateListImages } from "@aws-sdk/client-ecr";
import { theTarget } from "./target";

/** Something that a registry holds: a layer, an image's configuration with its history, or a manifest. */
export interface Blob {
  readonly name: string;
  /** Its content, unpacked. */
  readonly content: Readable;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** Everything that a repository of the stack's registry holds, but for the blobs that were seen before. */
export async function* blobsOf(repository: string, seen: Set<string>): AsyncGenerator<Blob> {
  const client = new ECRClient(theTarget().aws);
  const get = await requests(client, repository);
  const pending: string[] = [];
  for await (const { imageIds = [] } of paginateListImages({ client }, { repositoryName: repository })) {
    pending.push(...imageIds.map(({ imageDigest }) => imageDigest!));
  }
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const text = await (await get(`manifests/${digest}`)).text();
    yield { name: `${repository} manifest ${digest}`, content: Readable.from([Buffer.from(text)]) };
    const { manifests = [], config, layers = [] } = JSON.parse(text) as Manifest;
    // A build cache lists its layers as if they were manifests.
    const [blobs, more] = partition([...manifests, ...(config ? [config] : []), ...layers]);
    pending.push(...more.map((descriptor) => descriptor.digest));
    for (const blob of blobs.filter((descriptor) => !seen.has(descriptor.digest))) {
      seen.add(blob.digest);
      const { body } = await get(`blobs/${blob.digest}`);
      const content = Readable.fromWeb(body as ReadableStream);
      const name = `${repository} ${blob.mediaType} ${blob.digest}`;
      yield { name, content: unpacked(blob.mediaType, content) };
    }
  }
}

function partition(descriptors: readonly Descriptor[]): readonly [Descriptor[], Descriptor[]] {
  const isManifest = ({ mediaType }: Descriptor): boolean => /manifest|index/.test(mediaType);
  return [descriptors.filter((descriptor) => !isManifest(descriptor)), descriptors.filter(isManifest)];
}

function unpacked(mediaType: string, content: Readable): Readable {
  if (mediaType.endsWith("gzip")) return content.pipe(createGunzip());
  if (/json$|tar$|cacheconfig/.test(mediaType)) return content;
  throw new Error(`nobody has said how ${mediaType} is unpacked`);
}

/** How a repository's registry is asked. */
async function requests(client: ECRClient, repository: string): Promise<(path: string) => Promise<Response>> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const host = theTarget().images.api!.split("/")[0]!;
  const base = `${host.startsWith("localhost") ? "http" : "https"}://${host}/v2/${repository}`;
  return async (path) => {
    const url = `${base}/${path}`;
    const response = await fetch(url, {
      headers: {
        authorization: `Basic ${authorizationData![0]!.authorizationToken}`,
        accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, */*",
      },
    });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response;
  };
}
