import { operation } from "./operation";
import { rollBack } from "./rolling-back";

const help = `npm run rollback -- --stack STACK [--function NAME] [--to VERSION|DIGEST|latest] [--yes]

Takes functions back to versions that were published before, without a build, in seconds, and pins them there: no
\`pulumi up\` undoes it until the pin is lifted.

  --stack STACK     the stack, for example prod
  --function NAME   one function, for example api; without it, everything that the newest release changed
  --to VERSION      a version or an image's digest, as \`npm run releases\` lists them; without it, what ran before
  --to latest       goes forward to the newest version, and lifts the pin
  --yes             asks nothing

The database's schema stays as it is: migrations are compatible with the version before.`;

operation(help, rollBack, {
  function: { type: "string" },
  to: { type: "string" },
  yes: { type: "boolean" },
});
