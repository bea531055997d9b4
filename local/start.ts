import { instanceFolder, checkout } from "./folders";
import { main } from "./main";
import { print } from "./progress";
import { alone, applyStack, prepareSystem } from "./system";

const help = `npm start: brings the whole system up on this machine and prints what to try next.

It is safe to run at any time: what is there is used, what is missing or stopped is made again.
Logs and state are in .local/main, the toolchain in the user's cache folder (or in STUDENT_HELPER_CACHE).

Stand-ins answer for the models of Anthropic and Voyage AI. A vendor itself is called, and charges for it, as soon as
its key is configured; while the system runs, from the checkout's folder:
  export PULUMI_BACKEND_URL="file://$PWD/.local/main/pulumi-state?metadata=skip"
  export PULUMI_CONFIG_PASSPHRASE_FILE=$PWD/.local/main/passphrase
  pulumi --cwd .local/main/workspace config set --stack local --secret anthropicApiKey     # or voyageApiKey
  npm start
\`pulumi … config rm --stack local anthropicApiKey\` and \`npm start\` bring the stand-in back. \`pulumi\` is an installed
one, or bin/pulumi of the cache folder's pulumi-….`;

main(help, async () => {
  const instance = instanceFolder("main");
  const outputs = await alone(instance, async () => applyStack(instance, await prepareSystem(instance, checkout)));
  print("");
  process.stdout.write(
    [
      `Student Helper runs at ${String(outputs.API_BASE_URL)}`,
      "",
      "Try:",
      `  curl ${String(outputs.API_BASE_URL)}/health`,
      "  TOKEN=$(npm run token --silent)      # signs a test student in",
      "  npm run upload --silent tests/e2e/fixtures/notes.md",
      `  curl -H "Authorization: Bearer $TOKEN" "${String(outputs.API_BASE_URL)}/search?q=why+do+apples+fall"`,
      "",
      "`npm run outputs --silent` prints the stack's outputs, `npm stop` ends it all.",
      "",
    ].join("\n"),
  );
});
