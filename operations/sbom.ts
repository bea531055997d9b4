import * as path from "node:path";
import { ECRClient } from "@aws-sdk/client-ecr";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { functions } from "../functions";
import { checkout } from "../local/folders";
import { step } from "../local/progress";
import { nameInAws } from "./deployed-stack";
import { sbomProgram, writeSbom } from "./image-sbom";
import { runningImages } from "./images";
import { operation } from "./operation";

const help = `npm run sbom -- --stack STACK: writes what the images that a stack runs are made of, as CycloneDX JSON.

The files are sbom/<image>.cdx.json, whose names are printed. The first run builds Syft, which takes minutes.`;

operation(help, async (stack) => {
  const names = Object.keys(functions).map((name) => nameInAws(stack, name));
  const images = await runningImages(new LambdaClient(stack.aws), names);
  const program = await sbomProgram();
  for (const { uri, repository } of images) {
    const name = repository.slice(nameInAws(stack, "").length);
    const file = path.join(checkout, "sbom", `${name}.cdx.json`);
    await step(`SBOM of ${name}`, () => writeSbom(program, new ECRClient(stack.aws), uri, file));
    process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
  }
});
