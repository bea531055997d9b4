import { instanceFolder } from "./folders";
import { main } from "./main";
import { step } from "./progress";
import { alone, stopSystem } from "./system";

const help = `npm stop: ends the local system of this checkout, with the containers that it made. Its data goes with it.

The Docker engine and BuildKit end too if \`npm start\` started them and no other checkout needs them. The engine runs
on while it has containers of others; a later \`npm stop\` ends it.`;

main(help, async () => {
  const instance = instanceFolder("main");
  await alone(instance, () => step("stopped", () => stopSystem(instance)));
});
