import * as assert from "assert/strict";
import * as http from "http";
import * as path from "path";
import { containersWithout, ensureDockerEngine, ensureImage, removeContainers } from "./docker-engine";
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

  it("tells which containers run that are not of a label", async () => {
    const container = (name: string, labels: Record<string, string>): object => ({
      Id: name,
      Names: [`/${name}`],
      Labels: labels,
    });
    const running = [
      container("web", {}),
      container("own", { instance: "own-1:4566" }),
      container("other", { instance: "other-1:4566" }),
    ];
    const server = http.createServer(({ url }, response) => {
      response.writeHead(200, { "content-type": "application/json", "api-version": "1.44" });
      response.end(JSON.stringify(url?.includes("/containers/json") ? running : {}));
    });
    const socket = path.join(folder(), "docker.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    process.env.DOCKER_HOST = `unix://${socket}`;

    const others = await containersWithout("instance", "own-");

    server.close();
    server.closeAllConnections();
    assert.deepEqual(others, ["web", "other"]);
    assert.deepEqual(await containersWithout("instance", "own-"), []); // it does not run any more
  });
});
