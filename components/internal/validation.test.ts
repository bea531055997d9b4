import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { count, describe as show, findProblems, formatPath, input, integerBetween, unknownKeyHint } from "./validation";

describe("validation", () => {
  it("finds the problems of all properties, one for each", () => {
    const rule = z.strictObject({
      memory: integerBetween(1, 5, "megabytes"),
      names: z.array(z.string({ error: "text" })),
    });

    const problems = findProblems(rule, { memory: 0.5, names: ["a", 1], naems: [] });

    assert.deepEqual(problems, [
      { property: "memory", received: "0.5", allowed: "an integer from 1 to 5 (megabytes)" },
      { property: "names[1]", received: "1", allowed: "text" },
      { property: "naems", received: "[]", allowed: "no such key; did you mean names?" },
    ]);
  });

  it("takes an output or a promise as it is, and checks what is plain", () => {
    const rule = z.object({ name: input(z.string({ error: "text" })) });

    assert.deepEqual(findProblems(rule, { name: pulumi.output(5) }), []);
    assert.deepEqual(findProblems(rule, { name: Promise.resolve(5) }), []);
    assert.deepEqual(findProblems(rule, { name: 5 }), [{ property: "name", received: "5", allowed: "text" }]);
  });

  it("names the nearest key, or all if none is near", () => {
    assert.equal(unknownKeyHint("loglevel", ["logLevel", "functions"]), "no such key; did you mean logLevel?");
    assert.equal(unknownKeyHint("colour", ["logLevel", "functions"]), "no such key; known: logLevel, functions");
  });

  const paths: readonly [path: readonly PropertyKey[], text: string][] = [
    [["functions", "api", "timeoutSeconds"], "functions.api.timeoutSeconds"],
    [["corsOrigins", 0], "corsOrigins[0]"],
    [["baseImages", "a/b:1"], 'baseImages["a/b:1"]'],
    [[], ""],
  ];
  for (const [path, text] of paths) {
    it(`writes a path as Pulumi does: ${text}`, () => {
      assert.equal(formatPath(path), text);
    });
  }

  const values: readonly [value: unknown, text: string][] = [
    [undefined, "nothing"],
    [null, "null"],
    ["a", '"a"'],
    [pulumi.output("a"), "an output"],
    ["a".repeat(200), `"${"a".repeat(99)}…`],
  ];
  for (const [value, text] of values) {
    it(`shows a value as ${text.slice(0, 20)}`, () => {
      assert.equal(show(value), text);
    });
  }

  it("counts", () => {
    assert.equal(count(1, "problem"), "1 problem");
    assert.equal(count(2, "problem"), "2 problems");
  });
});
