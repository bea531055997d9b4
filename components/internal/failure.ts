import * as pulumi from "@pulumi/pulumi";

/**
 * Fails the deployment with a message, from within an `apply`.
 *
 * An error that is thrown there would be printed with the names of properties in front, once for each that waits for the
 * value; and the resources that wait would never end, for which a program that runs inline (Automation API) waits forever.
 *
 * @returns a value that is unknown: what needs it is not made
 *
 * @example
 * digest.apply((value) => (value === expected ? value : fail(`The digest is ${value}, not ${expected}.`)));
 */
export function fail(message: string): never {
  void pulumi.log.error(message);
  return pulumi.unknown as never;
}
