import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { useTemporaryFolder } from "../../local/testing/temporary-folder";
import { buildCommand, buildError, dockerEnvironment, writeDockerConfig } from "./builds";

const repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/student-helper-dev-api";
const output = `type=image,name=${repository},push=true,push-by-digest=true,oci-mediatypes=false`;

describe("the build of a watched image", () => {
  it("uses Docker's client where nothing else is configured", () => {
    const command = buildCommand({ baseImages: {}, secretFiles: {} }, "api", repository, "meta.json");

    assert.deepEqual(command, [
      "docker",
      [
        ...["buildx", "build", "--platform=linux/amd64", "--provenance=false", "--file=api/Dockerfile"],
        ...["--metadata-file", "meta.json", "--output", output, "--progress=plain", "."],
      ],
    ]);
  });

  it("uses the builder that the stack's settings name", () => {
    const [program, args] = buildCommand(
      { name: "team", baseImages: {}, secretFiles: {} },
      "api",
      repository,
      "meta.json",
    );

    assert.deepEqual(
      [program, ...args.slice(0, 4)],
      ["docker", "buildx", "build", "--builder=team", "--platform=linux/amd64"],
    );
  });

  it("uses BuildKit's own on the local stack, with its base image and secrets", () => {
    const builder = {
      buildctl: { program: "/tools/buildctl", address: "unix:///buildkitd.sock" },
      baseImages: { "public.ecr.aws/lambda/python:3.13": "oci-layout:///cache/base@sha256:0123" },
      secretFiles: { pip_conf: "/secrets/pip.conf" },
    };

    const command = buildCommand(builder, "api", repository, "meta.json");

    assert.deepEqual(command, [
      "/tools/buildctl",
      [
        ...["--addr", "unix:///buildkitd.sock", "build", "--frontend=dockerfile.v0", "--opt=filename=Dockerfile"],
        ...["--opt=platform=linux/amd64", "--local", "context=.", "--local", "dockerfile=api"],
        "--opt=context:public.ecr.aws/lambda/python:3.13=oci-layout://base-0@sha256:0123",
        ...["--oci-layout", "base-0=/cache/base", "--secret", "id=pip_conf,src=/secrets/pip.conf"],
        ...["--metadata-file", "meta.json", "--output", output, "--progress=plain"],
      ],
    ]);
  });
});

describe("the settings of Docker's client under a watch", () => {
  const folder = useTemporaryFolder();
  const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
  const folders = (): readonly [watch: string, own: string] => [
    path.join(folder(), "watch"),
    path.join(folder(), "own"),
  ];
  const written = async (): Promise<unknown> =>
    JSON.parse(await fs.readFile(path.join(folder(), "watch", "config.json"), "utf8"));

  it("are the user's own, and a login to the registry that no credential store is asked for", async () => {
    const [watch, own] = folders();
    await fs.mkdir(watch);
    await fs.mkdir(path.join(own, "contexts", "meta"), { recursive: true });
    await fs.writeFile(path.join(own, "contexts", "meta", "meta.json"), "{}");
    const config = {
      auths: { "registry.example.org": { auth: "own" } },
      credsStore: "desktop",
      credHelpers: { [registry]: "ecr-login" },
      currentContext: "team",
      cliPluginsExtraDirs: ["/plugins"],
    };
    await fs.writeFile(path.join(own, "config.json"), JSON.stringify(config));

    await writeDockerConfig(watch, own, registry, "token");

    assert.deepEqual(await written(), {
      ...config,
      auths: { ...config.auths, [registry]: { auth: "token" } },
      credHelpers: { [registry]: "" },
      cliPluginsExtraDirs: [path.join(own, "cli-plugins"), "/plugins"],
    });
    assert.equal(await fs.readFile(path.join(watch, "contexts", "meta", "meta.json"), "utf8"), "{}");
  });

  it("are the login alone where the user has none", async () => {
    const [watch, own] = folders();
    await fs.mkdir(watch);

    await writeDockerConfig(watch, own, registry, "token");

    assert.deepEqual(await written(), {
      auths: { [registry]: { auth: "token" } },
      credHelpers: { [registry]: "" },
      cliPluginsExtraDirs: [path.join(own, "cli-plugins")],
    });
  });

  it("have the user's builders, wherever they are", () => {
    const earlier = process.env.BUILDX_CONFIG;
    try {
      delete process.env.BUILDX_CONFIG;
      assert.deepEqual(dockerEnvironment("/watch", "/own"), {
        DOCKER_CONFIG: "/watch",
        BUILDX_CONFIG: path.join("/own", "buildx"),
      });
      process.env.BUILDX_CONFIG = "/elsewhere";
      assert.equal(dockerEnvironment("/watch", "/own").BUILDX_CONFIG, "/elsewhere");
    } finally {
      if (earlier === undefined) delete process.env.BUILDX_CONFIG;
      else process.env.BUILDX_CONFIG = earlier;
    }
  });
});

describe("a build that failed", () => {
  it("is told with the end of what it printed", () => {
    const error = buildError("api", {}, `${Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n\n")}\n`);

    const [first, ...lines] = error.reason.split("\n");
    assert.equal(first, "the image api cannot be built:");
    assert.deepEqual([lines.length, lines[0], lines.at(-1)], [15, "    line 5", "    line 19"]);
    assert.equal(error.next, "mend it and save: what runs was left alone.");
  });

  it("is told as the builder's, where that cannot push by digest", () => {
    const output =
      "ERROR: push-by-digest is currently not implemented for docker driver, please create a new builder instance";

    const [current, named] = [buildError("api", {}, output), buildError("api", { name: "team" }, output)];

    assert.equal(current.reason, "the current buildx builder is Docker's own, which cannot push by digest.");
    assert.equal(named.reason, "the buildx builder team is Docker's own, which cannot push by digest.");
    assert.match(current.next, /docker buildx create --use --driver docker-container/);
  });
});
