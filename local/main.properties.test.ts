import * as assert from "assert/strict";
import * as fc from "fast-check";
import { anyText, holds } from "../tests/support/properties";
import { type Accepted, type Given, parseCommandLine } from "./main";

const accepted: Accepted = {
  parameters: ["FILE"],
  options: { stack: { type: "string" }, yes: { type: "boolean" } },
};

/** Words as people type them, and as they slip. */
const word = fc.oneof(
  anyText,
  fc.constantFrom("--stack", "--stack=dev", "--yes", "-y", "--", "-", "--help", "-h", "--no-yes", "--yes=1", "a-file"),
  anyText.map((text) => `--${text}`),
);

function parsed(words: readonly string[], what = accepted): Given | "help" | Error {
  try {
    return parseCommandLine(what, words);
  } catch (error) {
    return error as Error;
  }
}

describe("any command line", () => {
  it("gives what a command takes, asks for help, or is refused in words", () => {
    holds(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const found = parsed(words);

        if (found === "help")
          return assert.ok(
            words.some((text) => /^-.*h/.test(text)),
            words.join(" "),
          );
        if (found instanceof Error) return assert.match(found.message, /^\S.*\S$/s);
        assert.equal(found.args.length, 1);
        for (const [name, value] of Object.entries(found.options)) {
          assert.ok(name === "stack" ? typeof value === "string" : name === "yes" && value === true, name);
        }
      }),
    );
  });

  it("without parameters takes no argument", () => {
    holds(
      fc.property(anyText, (text) => {
        fc.pre(!text.startsWith("-"));

        assert.ok(parsed([text], {}) instanceof Error);
      }),
    );
  });

  it("gives an option's value and an argument as they were typed, in either order", () => {
    holds(
      fc.property(anyText, anyText, (stack, file) => {
        const option = `--stack=${stack}`;

        for (const words of [
          [option, "--yes", "--", file],
          ["--yes", option, "--", file],
        ]) {
          const found = parsed(words);
          assert.ok(found !== "help" && !(found instanceof Error), words.join(" "));
          assert.deepEqual([found.args, { ...found.options }], [[file], { stack, yes: true }]);
        }
      }),
    );
  });
});
