import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../tests/support/pulumi-mocks";
import { ParameterStore } from "./parameterStore";

describe("ParameterStore", () => {
  it("keeps text as String and secrets as SecureString below the stack's prefix", async () => {
    const { names, inputs } = await record(
      () =>
        new ParameterStore("parameters", {
          parameters: {
            "storage/bucket": { value: pulumi.output("bucket") },
            "voyage/api_key": { value: "key", secret: true },
          },
        }),
    );

    assert.deepEqual(names, [
      "aws:ssm/parameter:Parameter parameters-storage/bucket",
      "aws:ssm/parameter:Parameter parameters-voyage/api_key",
    ]);
    assert.deepEqual(inputs("aws:ssm/parameter:Parameter", "parameters-storage/bucket"), {
      name: "/student-helper/test/storage/bucket",
      type: "String",
      value: { secret: "bucket" }, // The SDK takes every parameter for a secret.
    });
    assert.deepEqual(inputs("aws:ssm/parameter:Parameter", "parameters-voyage/api_key"), {
      name: "/student-helper/test/voyage/api_key",
      type: "SecureString",
      value: { secret: "key" },
    });
  });

  it("gives the prefix", async () => {
    const { result } = await record(
      () => new ParameterStore("parameters", { parameters: { "storage/bucket": { value: "bucket" } } }),
    );

    assert.equal(result.prefix, "/student-helper/test");
  });

  it("lists all invalid arguments in one error", async () => {
    const parameters = { "storage/bucket": { value: "" }, "voyage/model": { value: 5 as unknown as string } };

    await assert.rejects(
      record(() => new ParameterStore("parameters", { parameters })),
      {
        message: [
          'ParameterStore "parameters" has 2 problems; it was not created:',
          '  1. parameters["storage/bucket"].value',
          '     received: ""',
          "     allowed:  1 to 4096 characters",
          '     fix:      correct parameters["storage/bucket"].value where ParameterStore "parameters" is made',
          '  2. parameters["voyage/model"].value',
          "     received: 5",
          "     allowed:  1 to 4096 characters",
          '     fix:      correct parameters["voyage/model"].value where ParameterStore "parameters" is made',
        ].join("\n"),
      },
    );
  });

  it("shows no secret in an error", async () => {
    const parameters = { "Voyage/api_key": { value: "key", secret: true } };

    await assert.rejects(
      record(() => new ParameterStore("parameters", { parameters })),
      (error: Error) => {
        assert.ok(error.message.includes('parameters["Voyage/api_key"]'), error.message);
        assert.ok(!error.message.includes('"key"'), error.message);
        return true;
      },
    );
  });

  it("refuses names that Parameter Store does not take", async () => {
    await assert.rejects(
      record(() => new ParameterStore("parameters", { parameters: { "/Storage": { value: "bucket" } } })),
      /words of a-z, 0-9 and _ between slashes/,
    );
  });
});
