import * as path from "node:path";
import { ECRClient } from "@aws-sdk/client-ecr";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { functions, type FunctionName } from "../functions";
import { step } from "../local/progress";
import { sbomFile, sbomProgram, writeSbom } from "./image-sbom";
import { runningImages } from "./images";
import { liveFunction } from "./live-functions";
import { operation } from "./operation";

const help = `npm run sbom -- --stack STACK: writes what the images that a stack runs are made of, as CycloneDX JSON.

The files are sbom/<image>-<digest>.cdx.json, whose names are printed. The first run builds Syft, which takes minutes.`;

operation(help, async (stack) => {
  const lambda = new LambdaClient(stack.aws);
  const names = Object.keys(functions) as FunctionName[];
  const live = await Promise.all(names.map((name) => liveFunction(lambda, stack, name)));
  const program = await sbomProgram();
  for (const image of runningImages(live)) {
    const file = sbomFile(stack, image);
    await step(`SBOM of ${image.repository}`, () => writeSbom(program, new ECRClient(stack.aws), image.uri, file));
    process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
  }
});
