import * as assert from "node:assert/strict";
import { buildCommand } from "./builds";

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
