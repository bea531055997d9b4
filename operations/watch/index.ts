import * as path from "path";
import { setTimeout as delay } from "timers/promises";
import { type FunctionName, functions, imageFunctions } from "../../functions";
import { StepError } from "../../local/errors";
import { checkout } from "../../local/folders";
import { print } from "../../local/progress";
import type { DeployedStack } from "../deployed-stack";
import { operation } from "../operation";
import { outputsOf } from "../pulumi";
import { type Build, builderOf, builds } from "./builds";
import { changes, touchedBy } from "./changes";
import { StackFunctions } from "./functions";
import { handover } from "./handover";
import { LogTail } from "./logs";

/** The stacks whose functions may run what nobody has committed. */
const watchable = ["local", "dev"];
const images = Object.keys(imageFunctions);

const help = `npm run watch [-- --stack local|dev]: lets a change below images/ serve within seconds, without \`pulumi up\`.

It builds and pushes the images that the change touches, publishes new versions of their functions, migrates the database
if need be, points \`live\` to them, and shows what all functions log. A build that fails changes nothing. It begins with
what differs now. Ctrl+C ends it, and says which functions run what the last update did not.

The next \`npm start\` or \`pulumi up\` builds the same files, finds the same image, and records it. One that builds what was
there before your changes sees no difference: \`pulumi up --refresh\` puts that back.`;

operation(
  help,
  async (stack) => {
    if (!watchable.includes(stack.name)) {
      throw new StepError(
        `stack ${stack.name} runs what was reviewed; nothing was changed.`,
        `name one of ${watchable.join(", ")}.`,
      );
    }
    const stackFunctions = new StackFunctions(stack);
    const [one] = await stackFunctions.running(images[0]!);
    const context = path.join(checkout, "images");
    const { images: recorded } = await outputsOf(stack);
    const build = await builds(stack.aws, one!.repository.split("/")[0]!, await builderOf(stack), context);
    const serving = new Map<FunctionName, string>();
    process.on("exit", () => {
      const left = handover(stack, serving, recorded);
      if (left !== undefined) print(left);
    });
    const serve = async (image: string, migrates: boolean): Promise<void> => {
      for (const [name, digest] of await deploy(image, migrates, build, stackFunctions)) serving.set(name, digest);
    };
    void followLogs(stack);
    await Promise.all(images.map((image) => serve(image, true)));
    print("watches images/; Ctrl+C ends it");
    for await (const files of changes(context, new AbortController().signal)) {
      const touched = new Set(files.flatMap((file) => touchedBy(file, images)));
      const migrates = files.some((file) => file.includes("migrations"));
      await Promise.all([...touched].map((image) => serve(image, migrates)));
    }
  },
  {},
  "local",
);

/**
 * Builds an image and, if it is another one than its functions run, lets them run it. Says what happened.
 *
 * @returns what they run now, by function; nothing if it cannot be told.
 */
async function deploy(
  image: string,
  migrates: boolean,
  build: Build,
  stackFunctions: StackFunctions,
): Promise<(readonly [name: FunctionName, digest: string])[]> {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const running = await stackFunctions.running(image);
    const digest = await build(image, running[0]!.repository);
    const stale = running.filter((entry) => entry.digest !== digest);
    const served = running.map(({ name }) => [name, digest] as const);
    if (stale.length === 0) return served;
    const versions = await stackFunctions.update(stale, digest, migrates);
    const told = Object.entries(versions).map(([name, version]) => `${name} version ${version}`);
    print(`  ok ${image}, ${seconds()}: ${told.join(", ")} serve ${digest.slice(0, 19)}`);
    return served;
  } catch (error) {
    // Whoever watches mends it and saves again.
    print(`  !! ${image}, after ${seconds()}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Shows what the functions log, until this process ends. */
async function followLogs(stack: DeployedStack): Promise<void> {
  const tail = new LogTail(stack);
  for (;;) {
    await Promise.all(
      Object.keys(functions).map(async (name) => {
        const lines = await tail.next(name).catch((error: Error) => [`its log cannot be read: ${error.message}`]);
        for (const line of lines) print(`     ${name} | ${line}`);
      }),
    );
    await delay(1000);
  }
}
