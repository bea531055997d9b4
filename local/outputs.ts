import { instanceFolder } from "./folders";
import { main } from "./main";
import { savedOutputs } from "./system";

const help = "npm run outputs --silent: prints the running local stack's outputs as JSON.";

main(help, async () => {
  process.stdout.write(`${JSON.stringify(await savedOutputs(instanceFolder("main")), undefined, 2)}\n`);
});
