import * as assert from "assert/strict";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import type { StepError } from "../../local/errors";
import { previewStack } from "../../local/system";
import { instance, theLocalTarget, theTarget } from "./support/target";
import { edit } from "./support/updates";

/** What `npm run preview` does, with the tests' own system. */
const preview = (): Promise<void> => {
  const { stack, checkout } = theLocalTarget();
  return previewStack(instance, stack, checkout);
};

describe("a preview", () => {
  it("passes the program as it is", async () => {
    await assert.doesNotReject(preview());
  });

  it("stops at a control that a change breaks, says which, and changes nothing", async () => {
    const file = "components/imageRepository.ts";
    await edit(file, (code) => code.replace("scanOnPush: true", "scanOnPush: false"));
    const before = await scanned();

    const refused = await preview().then(
      () => assert.fail("it passed"),
      (error: unknown) => error as StepError,
    );

    await edit(file, (code) => code.replace("scanOnPush: false", "scanOnPush: true"));
    assert.match(refused.reason, /controls are broken; nothing was changed\.\n[\s\S]*^ECR\.1, api: /m);
    assert.match(refused.next, /policies\/suppressions\.ts/);
    assert.deepEqual(await scanned(), before);
    assert.ok(before.length > 0 && before.every((isScanned) => isScanned), "nothing was scanned before");
  });
});

/** Whether the images of each repository are scanned. */
async function scanned(): Promise<(boolean | undefined)[]> {
  const { repositories = [] } = await new ECRClient(theTarget().aws).send(new DescribeRepositoriesCommand({}));
  return repositories.map(({ imageScanningConfiguration }) => imageScanningConfiguration?.scanOnPush);
}
