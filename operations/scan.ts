import { ECRClient } from "@aws-sdk/client-ecr";
import { StepError } from "../local/errors";
import { step } from "../local/progress";
import { promotedImages } from "./images";
import { operation } from "./operation";
import { outputsOf } from "./pulumi";
import { scanExceptions } from "./scan-exceptions";
import { findingsOf, refusedFindings, type ScannedImage, severityTable } from "./scan-findings";

const help = `npm run scan -- --stack STACK: what ECR has found in the images that a promotion takes from a stack, by severity: those
of its last update, whatever a rollback has let run since.

Fails if a finding is CRITICAL or HIGH, and no entry of operations/scan-exceptions.ts lets it pass: the gate before prod.
A scan that still runs is waited for, up to 10 minutes.`;

const patience = { seconds: 600, pollSeconds: 5 };

operation(help, async (stack) => {
  const images = promotedImages(await outputsOf(stack));
  const ecr = new ECRClient(stack.aws);
  const scanned: ScannedImage[] = [];
  for (const image of images) {
    const findings = await step(`scan of ${image.repository}`, () => findingsOf(ecr, image, patience));
    scanned.push({ ...image, findings });
  }
  process.stdout.write(`${severityTable(scanned)}\n`);
  const refused = refusedFindings(scanned, scanExceptions, new Date().toISOString().slice(0, 10));
  if (refused.length > 0) {
    throw new StepError(
      [`the images of stack ${stack.name} are not fit for prod:`, ...refused.map((line) => `  ${line}`)].join("\n"),
      "renew the package or the base image and deploy; or, if it cannot harm, let it pass in operations/scan-exceptions.ts.",
    );
  }
});
