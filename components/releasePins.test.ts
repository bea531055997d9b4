import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { parsePins } from "./internal/pins";
import { ReleasePins } from "./releasePins";

const parameter = "/student-helper/test/releases/pinned_versions";

/** The pins of a stack whose parameter holds a text, or that has none yet. */
const make = (text?: string): Promise<Recording<ReleasePins>> =>
  record(() => new ReleasePins("releases"), "test", undefined, {
    "aws:ssm/getParametersByPath:getParametersByPath": {
      names: text === undefined ? [] : ["/student-helper/test/releases/other", parameter],
      values: text === undefined ? [] : ["other", text],
    },
  });

describe("ReleasePins", () => {
  let warnings: string[];
  const { warn } = pulumi.log;
  beforeEach(() => {
    warnings = [];
    Object.assign(pulumi.log, { warn: (message: string) => Promise.resolve(warnings.push(message)) });
  });
  afterEach(() => {
    Object.assign(pulumi.log, { warn });
  });

  it("are a parameter that pins nothing at first", async () => {
    const { inputs, names } = await make();

    assert.deepEqual(names, ["aws:ssm/parameter:Parameter releases"]);
    assert.deepEqual(inputs("aws:ssm/parameter:Parameter", "releases"), {
      name: parameter,
      type: "String",
      value: { secret: "{}" }, // The SDK takes every parameter's value for one.
    });
  });

  it("pin no function of a stack that is new", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.pinnedVersion("api")), undefined);
    assert.deepEqual(warnings, []);
  });

  it("pin a function to the version that a rollback wrote, say so, and how to lift the pin", async () => {
    const { result } = await make('{"api":"5"}');

    assert.equal(await valueOf(result.pinnedVersion("api")), "5");
    assert.equal(await valueOf(result.pinnedVersion("embedder")), undefined);
    assert.deepEqual(warnings, [
      "api is pinned to version 5 since a rollback: new versions are published, but live stays. " +
        '"npm run rollback -- --stack test --function api --to latest" lifts the pin.',
    ]);
  });

  for (const text of ["{", "[]", '{"api":5}', '{"api":"latest"}']) {
    it(`refuse what no rollback writes: ${text}`, () => {
      assert.throws(
        () => parsePins(parameter, text),
        /^Error: The parameter \/student-helper\/test\/releases.*allowed: a JSON object of function name to version, such as {"api":"7"}/,
      );
    });
  }
});
