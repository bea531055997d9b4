/** What a watch leaves behind, for whoever deploys next. */
import type { FunctionName } from "../../functions";
import type { DeployedStack } from "../deployed-stack";
import { recordedDigest } from "../images";
import type { StackOutputs } from "../pulumi";

/**
 * Which functions run something else than the last update recorded, and what becomes of it. An update that builds what was
 * recorded sees no difference, and leaves them so.
 *
 * @param serving function to the digest that it runs
 * @param recorded the stack's output `images`
 * @returns undefined if there is nothing to say
 */
export function handover(
  stack: Pick<DeployedStack, "name" | "pulumiName">,
  serving: ReadonlyMap<FunctionName, string>,
  recorded: StackOutputs["images"],
): string | undefined {
  const others = [...serving].flatMap(([name, digest]) => (digest === recordedDigest(recorded, name) ? [] : [name]));
  if (others.length === 0) return undefined;
  const [records, putsBack] =
    stack.name === "local"
      ? ["`npm start` records that", "take your changes back and watch once more"]
      : [
          "an update that builds your changes records that",
          `\`pulumi up --refresh -s ${stack.pulumiName}\` without them`,
        ];
  return `stack ${stack.name} runs what no update knows: ${others.join(", ")}. Next: ${records}; to put it back, ${putsBack}.`;
}
