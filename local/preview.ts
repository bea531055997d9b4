import { StepError } from "./errors";
import { checkout, instanceFolder } from "./folders";
import { main } from "./main";
import { halfMadeResources } from "./stack-state";
import { alone, prepareSystem, previewStack, savedOutputs } from "./system";

const help = `npm run preview: shows what \`npm start\` would change in the running local system, and checks it by the policy
pack (policies/). Nothing is changed.`;

main(help, async () => {
  const instance = instanceFolder("main");
  await alone(instance, async () => {
    // What follows prepares a system as `npm start` does, which would begin anew where nothing, or half of it, is there.
    await savedOutputs(instance);
    if ((await halfMadeResources(instance)).length > 0) {
      throw new StepError("an earlier update was killed.", "run `npm start` first: it mends what that left.");
    }
    await previewStack(instance, await prepareSystem(instance, checkout), checkout);
  });
});
