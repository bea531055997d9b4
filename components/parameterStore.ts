import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parameterPrefix } from "./internal/naming";
import { mapRecord } from "./internal/records";
import { checkArguments, input, textLike } from "./internal/validation";

/** One parameter. */
export interface ParameterArgs {
  /** Its value, up to 4096 characters. */
  readonly value: pulumi.Input<string>;
  /**
   * Whether it is encrypted (SecureString, under the account's key `aws/ssm`).
   *
   * @default false
   */
  readonly secret?: boolean;
}

/** Arguments of {@link ParameterStore}. */
export interface ParameterStoreArgs<Name extends string> {
  /** Name below the stack's prefix, such as `storage/bucket`, to the parameter. */
  readonly parameters: Readonly<Record<Name, ParameterArgs>>;
}

const rules = z.object({
  parameters: z.record(
    textLike(/^[a-z0-9_]+(\/[a-z0-9_]+)*$/, "words of a-z, 0-9 and _ between slashes"),
    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    z.object({ value: input(z.string({ error: "1 to 4096 characters" }).min(1).max(4096)) }),
  ),
});

/**
 * The parameters of a stack, below `/<project>/<stack>/`. Functions read them at run time; environment variables only
 * say where.
 *
 * @example
 * const parameters = new ParameterStore("parameters", { parameters: { "storage/bucket": { value: bucket.name } } });
 * new ContainerFunction("api", { parameters: [`${parameters.prefix}/storage/bucket`], ... });
 */
export class ParameterStore<Name extends string> extends pulumi.ComponentResource {
  /** What all names begin with, without a slash at its end: `/student-helper/dev`. */
  readonly prefix: string;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: ParameterStoreArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:config:ParameterStore", name, {}, opts);
    // A secret is an output from here on: not looked at by the rules, and so never in a message.
    const declared = mapRecord(args.parameters, ({ value, secret = false }) => ({
      value: secret ? pulumi.secret(value) : value,
      secret,
    }));
    checkArguments(this, name, rules, { parameters: declared });

    const prefix = parameterPrefix();
    for (const [parameter, { value, secret }] of Object.entries<(typeof declared)[Name]>(declared)) {
      new aws.ssm.Parameter(
        `${name}-${parameter}`,
        {
          name: `${prefix}/${parameter}`,
          type: secret ? "SecureString" : "String",
          value,
        },
        { parent: this },
      );
    }

    this.prefix = prefix;
    this.registerOutputs({ prefix: this.prefix });
  }
}
