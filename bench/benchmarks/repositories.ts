/** Where the images of the measured system are. */
import { imageFunctions } from "../../functions";
import { theTarget } from "../../tests/e2e/support/target";

export const images = Object.keys(imageFunctions);

/** The repository that an image is in, and its digest. */
export function placeOf(image: string): readonly [repository: string, digest: string] {
  const [repository, digest] = theTarget().images[image]!.split("@");
  return [repository!, digest!];
}

export const repositoryOf = (image: string): string => placeOf(image)[0];

/** The host of all repositories. */
export const registry = (): string => repositoryOf(images[0]!).split("/")[0]!;
