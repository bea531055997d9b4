import * as assert from "assert/strict";
import * as path from "path";
import { ensureDockerEngine, ensureImage, removeContainers } from "./docker-engine";
import { StepError } from "./errors";
import { useTemporaryFolder } from "./testing/temporary-folder";

describe("the Docker engine", () => {
  const folder = useTemporaryFolder();
  const before = process.env.DOCKER_HOST;

  afterEach(() => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  });

  it("that DOCKER_HOST names and that does not answer is not replaced by another one", async () => {
    const address = `unix://${path.join(folder(), "docker.sock")}`;
    process.env.DOCKER_HOST = address;

    await assert.rejects(
      ensureDockerEngine(folder()),
      new StepError(
        `the Docker engine at ${address} (DOCKER_HOST) does not answer.`,
        "start it, or unset DOCKER_HOST to use this machine's own.",
      ),
    );
  });

  it("that does not take an image is named with what it said", async () => {
    process.env.DOCKER_HOST = `unix://${path.join(folder(), "docker.sock")}`;
    const log = path.join(folder(), "image.log");

    await assert.rejects(ensureImage("localhost/none", path.join(folder(), "image.tar"), log), (error) => {
      assert.ok(error instanceof StepError);
      assert.match(error.reason, /^`docker load --input …` ended with exit code 1\./);
      assert.equal(error.logFile, log);
      return true;
    });
  });

  it("that does not run has no containers to remove", async () => {
    process.env.DOCKER_HOST = `unix://${path.join(folder(), "docker.sock")}`;

    assert.equal(await removeContainers("student-helper=test"), 0);
  });
});
