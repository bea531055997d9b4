/** The versions that rollbacks have pinned, as the stack's parameter holds them. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const shape = z.record(z.string(), z.string().regex(/^\d+$/));

/** Function name in the registry to the version in Lambda that `live` is kept at. */
export type Pins = Readonly<Record<string, string>>;

/**
 * Reads the parameter's value.
 *
 * @param parameterName for the message
 * @throws pulumi.RunError when it is not what a rollback writes
 */
export function parsePins(parameterName: string, text: string): Pins {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    throw new pulumi.RunError(
      `The parameter ${parameterName} holds ${JSON.stringify(text)}; allowed: a JSON object of function name to ` +
        `version, such as {"api":"7"}, which \`npm run rollback\` writes, or {}, which pins nothing.`,
    );
  }
}
