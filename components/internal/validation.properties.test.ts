import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { z } from "zod";
import { anyText, holds } from "../../tests/support/properties";
import { databaseLimits } from "./databaseLimits";
import { corsOrigin, databaseInstanceClass, shortName } from "./limits";
import { parsePins } from "./pins";
import { describe as described, findProblems, formatPath, integerBetween, nearest, oneOf } from "./validation";

describe("any value", () => {
  it("is an integer of a range, or is not", () => {
    const value = fc.oneof(fc.integer(), fc.double(), fc.integer({ min: -20, max: 20 }), anyText, fc.jsonValue());
    holds(
      fc.property(fc.integer({ min: -10, max: 10 }), fc.nat(10), value, (minimum, more, given) => {
        const isOne = Number.isInteger(given) && Number(given) >= minimum && Number(given) <= minimum + more;

        assert.equal(integerBetween(minimum, minimum + more, "things").safeParse(given).success, isOne);
      }),
    );
  });

  it("of some type is one of a few, or is not", () => {
    holds(
      fc.property(fc.uniqueArray(anyText, { minLength: 1 }), anyText, (allowed, given) => {
        assert.equal(findProblems(oneOf(allowed), given).length, allowed.includes(given) ? 0 : 1);
      }),
    );
  });

  it("has one problem for each property that is wrong, whatever is in it", () => {
    const rule = z.strictObject({ a: oneOf([1]), b: z.record(z.string(), oneOf([1])), c: z.array(oneOf([1])) });
    holds(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.array(fc.jsonValue()), (a, b, c) => {
        const properties = findProblems(rule, { a, b, c }).map(({ property }) => property);

        assert.deepEqual([...new Set(properties)], properties);
        assert.equal(properties.includes("a"), a !== 1);
        c.forEach((entry, index) => assert.equal(properties.includes(`c[${index}]`), entry !== 1));
      }),
    );
  });

  it("is described on one line of no more than 101 characters", () => {
    holds(
      fc.property(fc.oneof(fc.jsonValue(), anyText, fc.constant(undefined)), (value) => {
        assert.match(described(value), /^[^\p{C}\p{Zl}\p{Zp}]{1,101}$/u);
      }),
    );
  });
});

describe("any path", () => {
  it("is one line, and another one for each other path", () => {
    const path = fc.array(fc.oneof(anyText, fc.nat(3)), { minLength: 1, maxLength: 4 });
    holds(
      fc.property(path, path, (one, other) => {
        assert.doesNotMatch(formatPath(one), /[\p{C}\p{Zl}\p{Zp}]/u);
        // A list's place may be written as `a[1]`, never as the key of an object, `a.1`.
        assert.equal(formatPath(one) === formatPath(other), JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe("any name", () => {
  it("is nearest to itself, whatever its letters' case, and to nothing where there is nothing", () => {
    holds(
      fc.property(fc.uniqueArray(anyText, { minLength: 1, selector: (text) => text.toLowerCase() }), (names) => {
        for (const name of names) assert.equal(nearest(name, names), name);
        assert.equal(nearest(names[0]!, []), undefined);
      }),
    );
  });

  it("is nearest to what one slip of the finger made of it", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcdefghijklmnop"), minLength: 6, maxLength: 20 });
    holds(
      fc.property(word, fc.nat(), (name, place) => {
        const at = place % name.length;
        const slip = name.slice(0, at) + name.slice(at + 1);

        assert.equal(nearest(slip, ["ZZZZZZZZ", name, "0000"]), name);
      }),
    );
  });

  it("that is short enough makes names that Lambda, S3, RDS and ECR take", () => {
    holds(
      fc.property(anyText, fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/), (text, name) => {
        for (const given of [text, name]) {
          const isShort = shortName.safeParse(given).success;
          const isTaken = /^[a-z0-9]+(-[a-z0-9]+)*$/;
          if (isShort) assert.ok(isTaken.test(`student-helper-${given}-${given}`) && given.length <= 24, given);
          else assert.ok(!/^[a-z]/.test(given) || !isTaken.test(given) || given.length > 24, given);
        }
      }),
    );
  });
});

describe("any origin", () => {
  it("that is accepted is what a browser sends", () => {
    const text = fc.oneof(
      anyText,
      fc.webUrl(),
      fc.webUrl().map((url) => new URL(url).origin),
      fc.constantFrom("*", "https://*", "https://*.example.org"),
    );
    holds(
      fc.property(text, fc.boolean(), (value, everyone) => {
        const isAccepted = corsOrigin(everyone).safeParse(value).success;

        const isOrigin = URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value;
        assert.equal(isAccepted, value === "*" ? everyone : isOrigin && !value.includes("*"));
      }),
    );
  });
});

describe("any class of a database's machine", () => {
  it("that is accepted allows some connections", () => {
    const size = fc.oneof(
      fc.stringMatching(/^[a-z0-9-]{1,12}$/),
      fc.stringMatching(/^\d{1,9}xlarge$/),
      fc.constantFrom("constructor", "micro", "large", "2xlarge"),
    );
    holds(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,4}$/), size, (family, name) => {
        const instanceClass = `db.${family}.${name}`;
        fc.pre(databaseInstanceClass.safeParse(instanceClass).success);

        const { maxConnections } = databaseLimits({ instanceClass, storageGigabytes: 20 });

        assert.ok(Number.isInteger(maxConnections) && maxConnections > 0 && maxConnections <= 5000, instanceClass);
      }),
    );
  });
});

describe("any text of the pins' parameter", () => {
  it("is pins, or is refused by a message that says what is allowed", () => {
    const pins = fc.dictionary(anyText, fc.nat().map(String)).map((value) => JSON.stringify(value));
    holds(
      fc.property(fc.oneof(anyText, fc.json(), pins), (text) => {
        try {
          for (const version of Object.values(parsePins("/a/parameter", text))) assert.match(version, /^\d+$/);
        } catch (error) {
          assert.ok(error instanceof pulumi.RunError, String(error));
          assert.match(error.message, /^The parameter \/a\/parameter holds .*; allowed: a JSON object/s);
        }
      }),
    );
  });

  it("that a rollback wrote is read as it was written", () => {
    const pins = fc.dictionary(fc.stringMatching(/^[a-z-]+$/), fc.nat().map(String), { noNullPrototype: true });
    holds(fc.property(pins, (written) => assert.deepEqual(parsePins("p", JSON.stringify(written)), written)));
  });
});
