import * as assert from "assert/strict";
import * as fc from "fast-check";
import { anyText, holds } from "../tests/support/properties";
import { contentTypeOf, contentTypes } from "./content-types";

const ends = Object.keys(contentTypes);

describe("the content type of a file", () => {
  it("follows from the end of its name, whatever stands before it and however it is written", () => {
    const inSomeCase = fc.constantFrom(...ends).chain((end) => fc.mixedCase(fc.constant(end)));
    const name = anyText.filter((text) => !text.includes("/") && text !== "");
    holds(
      fc.property(name, inSomeCase, (begin, end) => {
        assert.equal(contentTypeOf(begin + end), contentTypes[end.toLowerCase()]);
      }),
    );
  });

  it("is none for every other name", () => {
    holds(
      fc.property(anyText, (name) => {
        fc.pre(!ends.some((end) => name.toLowerCase().endsWith(end)));

        assert.equal(contentTypeOf(name), undefined);
        assert.equal(contentTypeOf(`file.${name}`), undefined);
      }),
    );
  });
});
