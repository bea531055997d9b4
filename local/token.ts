import { instanceFolder } from "./folders";
import { main } from "./main";
import { student, studentToken } from "./student";
import { savedOutputs } from "./system";

const help = `npm run token --silent: prints an access token of ${student}, a user of the running local system.`;

main(help, async () => {
  const instance = instanceFolder("main");
  process.stdout.write(`${await studentToken(instance, await savedOutputs(instance))}\n`);
});
