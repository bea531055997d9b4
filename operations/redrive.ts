import { StepError } from "../local/errors";
import { print } from "../local/progress";
import { consumers, DeadLetterQueue } from "./dead-letters";
import { knownFunction } from "./deployed-stack";
import { confirm, operation } from "./operation";

const help = `npm run redrive -- --stack STACK --function FUNCTION [--yes]: moves what waits in the dead-letter queue of a
function back into the function's queue, after it has shown what that is and has asked; --yes answers.

Mend the cause first: what fails again comes back. It is safe to repeat, as no step of an item is done twice.
FUNCTION is one of ${consumers.join(", ")}.`;

operation(
  help,
  async (stack, given) => {
    const { function: name } = given.options;
    if (typeof name !== "string") {
      throw new StepError("no function is named.", `add --function, one of ${consumers.join(", ")}.`);
    }
    const queue = await DeadLetterQueue.of(stack, knownFunction(name));
    const { count, items } = await queue.waiting();
    if (count === 0) {
      print(`nothing waits in the dead-letter queue of ${name}.`);
      return;
    }
    print(`${messages(count)} in the dead-letter queue of ${name} of stack ${stack.name}:`);
    for (const item of items) print(`  ${item}`);
    if (count > items.length) print(`  and ${count - items.length} more`);
    await confirm("Move them back?", given);
    const moved = await queue.moveBack((soFar) => print(`  ${soFar} of ${count}`));
    print(`${moved} moved back into the queue of ${name}; ${await queue.count()} in its dead-letter queue now.`);
  },
  { function: { type: "string" }, yes: { type: "boolean" } },
);

const messages = (count: number): string => (count === 1 ? "1 message" : `${count} messages`);
