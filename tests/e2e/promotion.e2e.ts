import * as assert from "assert/strict";
import * as path from "path";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { type EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { ContainerImage, StackImages } from "../../components";
import { mapRecord } from "../../components/internal/records";
import { imageFunctions } from "../../functions";
import { plainOutputs } from "../../local/stack";
import { theLocalTarget, theTarget } from "./support/target";

const name = "promoted";

/** A second stack beside the one under test, in the same backend and account, that takes over the images of a stack. */
async function stackWithImagesFrom(from: string): Promise<Stack> {
  const { workspace } = theLocalTarget().stack;
  const stack = await Stack.createOrSelect(name, workspace);
  const settings = await workspace.stackSettings("local");
  await workspace.saveStackSettings(name, {
    ...settings,
    config: { ...settings.config, "student-helper:images": JSON.stringify({ from }) },
  });
  return stack;
}

/** The images of index.ts without all the rest, which takes minutes to come up. */
async function imagesAlone(): Promise<Record<string, unknown>> {
  const { config } = await theLocalTarget().stack.workspace.stackSettings("local");
  const { registry, builder } = config?.["student-helper:imageBuild"] as unknown as Record<string, string>;
  const promoted = new StackImages("local");
  const images = mapRecord(
    imageFunctions,
    (functions, image) =>
      new ContainerImage(image, {
        functions,
        context: path.join(theLocalTarget().checkout, "images"),
        copyOf: promoted.uri(image),
        build: { registry, builder, baseImages: {}, secrets: {} },
        protectData: false,
      }),
  );
  return { images: mapRecord(images, ({ imageUri }) => imageUri) };
}

/** What the engine tells of an operation. */
interface Told {
  /** Lines of builds. */
  readonly builds: string[];
  readonly errors: string[];
  readonly changes: string[];
}

function listener(): Told & { onEvent: (event: EngineEvent) => void } {
  const told: Told = { builds: [], errors: [], changes: [] };
  const onEvent = ({ diagnosticEvent, resOutputsEvent, resourcePreEvent }: EngineEvent): void => {
    if (diagnosticEvent?.severity === "error") told.errors.push(diagnosticEvent.message.trim());
    if (diagnosticEvent?.urn?.includes("docker-build:index:Image")) {
      told.builds.push(...diagnosticEvent.message.split("\n"));
    }
    const metadata = (resOutputsEvent ?? resourcePreEvent)?.metadata;
    if (metadata && metadata.op !== "same") told.changes.push(`${metadata.op} ${metadata.type}`);
  };
  return { ...told, onEvent };
}

describe("a promotion", () => {
  after(async () => {
    const { workspace } = theLocalTarget().stack;
    const stack = await Stack.createOrSelect(name, workspace);
    await stack.destroy({ remove: true });
    await workspace.selectStack("local");
  });

  it("copies another stack's images by digest into repositories of its own, and builds nothing", async () => {
    const stack = await stackWithImagesFrom("local");
    const { onEvent, builds } = listener();

    const { outputs } = await stack.up({ program: imagesAlone, onEvent });

    const originals = plainOutputs(await theLocalTarget().stack.outputs()).images as Record<string, string>;
    const copies = plainOutputs(outputs).images as Record<string, string>;
    const moved = mapRecord(originals, (uri) => uri.replace("/student-helper-local-", `/student-helper-${name}-`));
    assert.deepEqual(copies, moved);
    assert.notDeepEqual(copies, originals);
    const steps = builds.flatMap(
      (line) => /^#\d+ (\[(?!internal\])[^\]]+\] (?!load metadata).+)/.exec(line)?.[1] ?? [],
    );
    const beginnings = Object.values(originals).map((uri) => `[context original] ${uri}`);
    // docker-build does not always hand over every line of a build: those that it does are of copies alone.
    assert.notDeepEqual(steps, []);
    assert.deepEqual(
      steps.filter((step) => !beginnings.includes(step)),
      [],
    );
    const ecr = new ECRClient(theTarget().aws);
    for (const image of Object.keys(imageFunctions)) {
      const imageDigest = copies[image]!.split("@")[1]!;
      const repositoryName = `student-helper-${name}-${image}`;
      const { images = [] } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest }] }));
      assert.equal(images[0]?.imageManifestMediaType, "application/vnd.docker.distribution.manifest.v2+json", image);
    }
  });

  it("changes nothing when nothing has changed", async () => {
    const stack = await stackWithImagesFrom("local");
    const { onEvent, changes } = listener();

    await stack.up({ program: imagesAlone, onEvent });

    assert.deepEqual(changes, []);
  });

  it("is refused, by the whole program, for a stack that was never deployed", async () => {
    const stack = await stackWithImagesFrom("staging");
    const { onEvent, errors } = listener();

    await assert.rejects(stack.preview({ onEvent }));

    const [first, ...others] = errors;
    assert.equal(
      first,
      'Stack "staging" has no images to take over; no image was copied. Deploy it first: pulumi up --stack staging',
    );
    assert.deepEqual(others, ["One or more errors occurred. Check logs for more details"]);
  });
});
