import * as pulumi from "@pulumi/pulumi";
import { fail } from "./internal/failure";
import { pinsParameterIn } from "./internal/naming";
import type { Pins } from "./internal/pins";
import { pinsOf } from "./releasePins";

/**
 * The images of another stack of this project, for a stack that runs what ran there instead of building it again.
 *
 * The other stack's program exports `images`: name of an image to `<repository>@sha256:<digest>`. They are its newest: none is
 * taken while a rollback holds functions there at older ones.
 *
 * @example
 * const promoted = new StackImages("staging");
 * new ContainerImage("api", { copyOf: promoted.uri("api"), ... });
 */
export class StackImages {
  private readonly images: pulumi.Output<Readonly<Record<string, string>>>;

  /**
   * Fails the deployment if the other stack was never deployed, or a rollback has pinned functions there.
   *
   * @param stack name of the other stack, for example `staging`; it is in the same project, organization, backend, account
   * and region
   */
  constructor(private readonly stack: string) {
    const deployed = pulumi.output(outputsOf(qualified(stack))).apply(({ images }) => images ?? this.refuse("images"));
    this.images = pulumi.all([deployed, pinsOf(stack)]).apply(([images, pins]) => this.unlessPinned(images, pins));
  }

  /**
   * The newest that the other stack has built or copied: `<repository>@sha256:<digest>`. Fails the deployment if it has no
   * such image.
   *
   * @param image name of the image
   */
  uri(image: string): pulumi.Output<string> {
    return this.images.apply((images) => images[image] ?? this.refuse(`image "${image}"`));
  }

  /** Refuses images that were taken back, and those of which nobody knows. */
  private unlessPinned<T>(images: T, pins: Pins | undefined): T {
    if (pins === undefined) {
      const parameter = pinsParameterIn(pulumi.getProject(), this.stack);
      return fail(
        `The parameter ${parameter}, which names what was rolled back in stack "${this.stack}", is not in this account and ` +
          `region; no image was copied. Sign in to the account of stack "${this.stack}", or deploy it: ` +
          `pulumi up --stack ${this.stack}`,
      );
    }
    const pinned = Object.entries(pins).map(([name, version]) => `${name} to version ${version}`);
    if (pinned.length === 0) return images;
    return fail(
      `A rollback has pinned functions of stack "${this.stack}": ${pinned.join(", ")}. Its newest images, which would be ` +
        "taken over, are not what runs there; no image was copied. Once what was wrong is mended, lift the pins: " +
        `npm run rollback -- --stack ${this.stack} --to latest`,
    );
  }

  private refuse(missing: string): never {
    return fail(
      `Stack "${this.stack}" has no ${missing} to take over; no image was copied. ` +
        `Deploy it first: pulumi up --stack ${this.stack}`,
    );
  }
}

/** The outputs of a stack as far as they are used here. */
interface StackOutputs {
  readonly images?: Readonly<Record<string, string>>;
}

/**
 * The outputs of a stack; none if there is no such stack.
 *
 * The engine's own function behind `pulumi.StackReference`, and not that resource: where there is no such stack, it would end
 * the update with `unknown stack` and no word of what to do; and it would keep the other stack's secrets in this one's state.
 */
async function outputsOf(name: string): Promise<StackOutputs> {
  try {
    const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
      outputs: StackOutputs;
    };
    return outputs;
  } catch (error) {
    if (error instanceof Error && error.message.includes(`unknown stack "${name}"`)) return {};
    throw error;
  }
}

/** The full name of a stack beside this one; the organization is `organization` where the state is not in Pulumi Cloud. */
function qualified(stack: string): string {
  return `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
}
