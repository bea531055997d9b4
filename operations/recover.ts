import { print, step } from "../local/progress";
import { updateCommand } from "./deployed-stack";
import { confirm, operation } from "./operation";
import { nameOf } from "./interrupted-state";
import { findInterruption, recover } from "./recovery";

const help = `npm run recover -- --stack STACK [--yes]: makes a stack whose update was killed fit for the next one.

It says what the update left: its lock, and the resources that it was creating, changing or deleting. Those that AWS has and
Pulumi's state has not are taken into the state; after that, \`pulumi up\` goes on where the update ended. While an update
runs, it changes nothing. It is safe to run at any time.

The state as it was is kept in .local/recovery.`;

operation(
  help,
  async (stack, given) => {
    const interruption = await step("looked for an interrupted update", () => findInterruption(stack));
    if (interruption.lines.length === 0) {
      print(`Stack ${stack.name} has nothing to recover: no update of it was interrupted.`);
      return;
    }
    print(`\nAn update of stack ${stack.name} was interrupted. It left:`);
    for (const line of interruption.lines) print(`  ${line}`);
    print("");
    await confirm("Recover?", given);
    const taken = await step("recovered", () => recover(stack, interruption));
    for (const resource of taken) print(`       now in the state: ${nameOf(resource)}`);
    print(`\nNext: ${updateCommand(stack)}`);
  },
  { yes: { type: "boolean" } },
);
