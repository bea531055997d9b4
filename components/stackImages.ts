import * as pulumi from "@pulumi/pulumi";
import { fail } from "./internal/failure";

/**
 * The images of another stack of this project, for a stack that runs what ran there instead of building it again.
 *
 * The other stack's program exports `images`: name of an image to `<repository>@sha256:<digest>`.
 *
 * @example
 * const promoted = new StackImages("staging");
 * new ContainerImage("api", { copyOf: promoted.uri("api"), ... });
 */
export class StackImages {
  private readonly images: pulumi.Output<Readonly<Record<string, string>>>;

  /**
   * Fails the deployment if the other stack was never deployed.
   *
   * @param stack name of the other stack, for example `staging`; it is in the same project, organization and backend
   */
  constructor(private readonly stack: string) {
    this.images = pulumi.output(outputsOf(qualified(stack))).apply(({ images }) => images ?? this.refuse("images"));
  }

  /**
   * What the other stack runs: `<repository>@sha256:<digest>`. Fails the deployment if it has no such image.
   *
   * @param image name of the image
   */
  uri(image: string): pulumi.Output<string> {
    return this.images.apply((images) => images[image] ?? this.refuse(`image "${image}"`));
  }

  private refuse(missing: string): never {
    return fail(
      `Stack "${this.stack}" has no ${missing} to take over; nothing was changed. ` +
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
