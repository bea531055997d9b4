import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { paginateListUsers } from "@aws-sdk/client-cognito-identity-provider";
import { probe } from "../../local/commands";
import { checkout } from "../../local/folders";
import { rootCredentials } from "../../local/emulator";
import { savedOutputs } from "../../local/system";
import { useTemporaryFolder } from "../../local/testing/temporary-folder";
import { cognito } from "./support/students";
import { instance, theTarget } from "./support/target";

describe("the tests of any stack", () => {
  const folder = useTemporaryFolder();

  const users = async (): Promise<string[]> => {
    const found: string[] = [];
    const pool = { UserPoolId: theTarget().userPoolId };
    for await (const { Users = [] } of paginateListUsers({ client: cognito() }, pool)) {
      found.push(...Users.map(({ Username = "" }) => Username));
    }
    return found.sort();
  };

  it("run with nothing but its outputs, and remove the users that they made", async () => {
    const before = await users();
    const outputs = path.join(folder(), "outputs.json");
    await fs.writeFile(outputs, JSON.stringify(await savedOutputs(instance)));

    const { exitCode, all } = await probe(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        ...["--config", path.join(__dirname, "integration.mocharc.json"), "--grep", "a student's material"],
      ],
      {
        cwd: checkout,
        env: {
          STACK_OUTPUTS: outputs,
          TEST_SYSTEM: undefined,
          AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
        },
      },
    );

    assert.equal(exitCode, 0, all);
    assert.match(all, /^ {2}3 passing/m);
    assert.deepEqual(await users(), before);
  });
});
