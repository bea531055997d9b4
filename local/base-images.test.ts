import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { lambdaBaseNames } from "./base-images";
import { checkout } from "./folders";
import { useTemporaryFolder } from "./testing/temporary-folder";

describe("the names of the Lambda base image", () => {
  const folder = useTemporaryFolder();

  it("are those of the checkout's Dockerfiles", async () => {
    const names = await lambdaBaseNames(checkout);

    assert.equal(names.length, 1);
    assert.match(names[0]!, /^public\.ecr\.aws\/lambda\/python:3\.13(@sha256:[0-9a-f]{64})?$/);
  });

  it("have the digest that is pinned, for those Dockerfiles alone where it is", async () => {
    const pinned = `public.ecr.aws/lambda/python:3.13@sha256:${"a".repeat(64)}`;
    for (const [image, text] of Object.entries({
      api: `# The API\nFROM ${pinned} AS base\nFROM base AS build\n`,
      cleanup: "FROM public.ecr.aws/lambda/python:3.13 AS base\n",
      embedder: `FROM ${pinned} AS base\n`,
      _copy: "FROM original\n",
    })) {
      await fs.mkdir(path.join(folder(), "images", image), { recursive: true });
      await fs.writeFile(path.join(folder(), "images", image, "Dockerfile"), text);
    }
    await fs.mkdir(path.join(folder(), "images", "_shared"));

    assert.deepEqual(await lambdaBaseNames(folder()), ["public.ecr.aws/lambda/python:3.13", pinned]);
  });
});
