import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a resource that holds data.
 *
 * @param protectData whether the engine refuses to delete or replace it, and leaves it in AWS should it, once unprotected,
 *   go from the program or with the stack
 */
export function dataOptions(protectData: boolean): Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete"> {
  return { protect: protectData, retainOnDelete: protectData };
}
