import { checkout, instanceFolder } from "./folders";
import { main } from "./main";
import { alone, prepareSystem, previewStack, savedOutputs } from "./system";

const help = `npm run preview: shows what \`npm start\` would change in the running local system, and checks it by the policy
pack (policies/). Nothing is changed, but that an update which was killed is recovered first, as \`npm start\` does.`;

main(help, async () => {
  const instance = instanceFolder("main");
  await alone(instance, async () => {
    // What follows prepares a system as `npm start` does, which would begin anew where nothing runs.
    await savedOutputs(instance);
    await previewStack(instance, await prepareSystem(instance, checkout), checkout);
  });
});
