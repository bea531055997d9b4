/** The images of a stack, by digest: those that run, and those that the next stack takes over. */
import { functions as registry, type FunctionName } from "../functions";
import type { Live } from "./live-functions";
import type { StackOutputs } from "./pulumi";

/** An image in ECR. */
export interface Image {
  /** `<repository>@sha256:<digest>`, with the registry. */
  readonly uri: string;
  readonly repository: string;
  readonly digest: string;
}

/** The images that functions run, each once. */
export function runningImages(live: readonly Pick<Live, "uri">[]): Image[] {
  return [...new Set(live.map(({ uri }) => uri))].map(imageAt);
}

/** The images that a promotion takes from a stack: those of its last update, whatever runs there since. */
export function promotedImages({ images }: Pick<StackOutputs, "images">): Image[] {
  return Object.values(images).map(imageAt);
}

/** The digest of the image that a stack's last update gave a function; undefined if it knew no such image. */
export function recordedDigest(images: StackOutputs["images"], name: FunctionName): string | undefined {
  return images[registry[name].image]?.split("@")[1];
}

function imageAt(uri: string): Image {
  const [address = "", digest = ""] = uri.split("@");
  return { uri, repository: address.slice(address.indexOf("/") + 1), digest };
}
