import { instanceFolder } from "./folders";
import { main } from "./main";
import { student, studentToken } from "./student";
import { savedOutputs } from "./system";

const help = `npm run token --silent: prints an access token of ${student}, a user of the running local system.`;

main(help, async () => {
  process.stdout.write(`${await studentToken(await savedOutputs(instanceFolder("main")))}\n`);
});
