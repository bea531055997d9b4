import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Config, ConfigError, validateConfig } from "../config";
import { textKeys } from "../configShape";
import { functions } from "../functions";
import { anyText, holds } from "./support/properties";
import { encrypted, raw, refusal, values } from "./support/raw-config";
import { wordsOf } from "./support/shell";

const namespace = "student-helper:";
const keys = Object.keys(values);
const open = keys.filter((key) => !encrypted.includes(key));

/** What an engine may hand over for a key: text that is JSON, and text that is not. */
const anyValue = fc.oneof(
  anyText,
  fc.json(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

/** Changes of an accepted configuration, each of any kind. */
const anyChanges = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...keys),
    anyText.map((name) => `${namespace}${name}`),
    anyText,
  ),
  fc.option(anyValue, { nil: undefined }),
  { maxKeys: 6 },
);

/** Faults that have nothing to do with each other, by the property that a message names. */
const faults: Readonly<Record<string, readonly [key: string, value: string]>> = {
  logLevel: ["logLevel", "LOUD"],
  "corsOrigins[0]": ["corsOrigins", '["nowhere"]'],
  logRetentionDays: ["logRetentionDays", "31"],
  throttleRate: ["throttleRate", "0"],
  throttleBurst: ["throttleBurst", "1.5"],
  maxUploadMegabytes: ["maxUploadMegabytes", "many"],
  recoveryDays: ["recoveryDays", "-1"],
  "alarmEmails[1]": ["alarmEmails", '["a@example.org","nobody"]'],
  protectData: ["protectData", '"yes"'],
  permissionsBoundary: ["permissionsBoundary", "a name"],
  databaseInstanceClass: ["databaseInstanceClass", "t4g"],
  databaseStorageGigabytes: ["databaseStorageGigabytes", "19"],
  natGateways: ["natGateways", "two"],
  anthropicModel: ["anthropicModel", ""],
  anthropicBaseUrl: ["anthropicBaseUrl", "http://example.org"],
  "functions.api.timeoutSeconds": ["functions", '{"api":{"timeoutSeconds":30}}'],
  "images.from": ["images", '{"from":"elsewhere"}'],
  "canary.percent": ["canary", '{"percent":51,"minutes":5}'],
  "imageBuild.builder": ["imageBuild", '{"builder":""}'],
  apiBaseUrl: ["apiBaseUrl", "nowhere"],
  databasePassword: ["databasePassword", "short"],
  voyageApiKey: ["voyageApiKey", ""],
};

/** The entries of a message: its lines by what they say. */
function entriesOf(message: string): Record<string, string>[] {
  const [title, ...lines] = message.split("\n");
  assert.match(
    title ?? "",
    /^The configuration of stack "prod" \(Pulumi\.prod\.yaml\) has \d+ problems?; nothing was changed:$/,
  );
  const entries: Record<string, string>[] = [];
  for (const line of lines) {
    const [, number, property] = /^ {2}(\d+)\. (.+)$/s.exec(line) ?? [];
    const [, label, text] = /^ {5}(received|allowed|fix): +(.+)$/s.exec(line) ?? [];
    if (number !== undefined) entries.push({ property: property! });
    else if (label !== undefined) entries.at(-1)![label] = text!;
    else assert.fail(`not a line of an entry: ${line}`);
  }
  assert.equal(/has (\d+) /.exec(title!)?.[1], String(entries.length));
  return entries;
}

/** A configuration, or the message with which it is refused. Anything else is no answer. */
function answer(changes: Record<string, string | undefined>): Config | string {
  try {
    return validateConfig(raw(changes));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

describe("any configuration", () => {
  it("is accepted and frozen, or refused by one message of complete entries", () => {
    holds(
      fc.property(anyChanges, (changes) => {
        const found = answer(changes);

        if (typeof found !== "string") return assert.ok(Object.isFrozen(found) && Object.isFrozen(found.functions));
        for (const entry of entriesOf(found)) {
          assert.deepEqual(Object.keys(entry), ["property", "received", "allowed", "fix"], found);
        }
      }),
    );
  });

  it("is refused for each of its faults, once", () => {
    holds(
      fc.property(fc.subarray(Object.keys(faults), { minLength: 1 }), (chosen) => {
        const changes = chosen.map((property) => faults[property]!);
        const message = refusal(raw(Object.fromEntries(changes.map(([key, value]) => [namespace + key, value]))));

        assert.deepEqual(
          entriesOf(message)
            .map(({ property }) => property)
            .sort(),
          [...chosen].sort(),
        );
      }),
    );
  });

  it("is refused for a key that nobody knows, whatever its name, without its value", () => {
    holds(
      fc.property(anyText, fc.uuid(), (name, value) => {
        fc.pre(!keys.includes(namespace + name));

        const message = refusal(raw({ [namespace + name]: value }));

        assert.ok(!message.includes(value), message);
        const [entry, ...others] = entriesOf(message);
        assert.equal(others.length, 0);
        assert.match(entry!.received!, /not shown/);
      }),
    );
  });

  it("never shows a secret, in plain text or encrypted", () => {
    const secret = fc.tuple(fc.constantFrom(...keys), fc.uuid(), fc.constantFrom("", "\n", '"', "/ ".repeat(70)));
    holds(
      fc.property(secret, fc.boolean(), ([key, text, more], isEncrypted) => {
        const value = text + more;
        const isSecret = (name: string): boolean => (name === key ? isEncrypted : encrypted.includes(name));
        fc.pre(isEncrypted || encrypted.includes(key));
        try {
          validateConfig(raw({ [key]: value }, { isSecret }));
        } catch (error) {
          assert.ok(!(error as Error).message.includes(text), (error as Error).message);
        }
      }),
    );
  });

  it("is mended by commands that a shell reads as they are meant", () => {
    const objects = fc.constantFrom("functions", "imageBuild", "canary");
    const fault = fc.oneof(
      fc.tuple(
        objects,
        anyText.map((name) => JSON.stringify({ [name]: 1 })),
      ),
      anyText.map((name) => ["functions", JSON.stringify({ api: { [name]: 1 } })] as const),
      anyText.filter((name) => !keys.includes(namespace + name)).map((name) => [name, "1"] as const),
    );
    holds(
      fc.property(fault, ([key, value]) => {
        const found = answer({ [namespace + key]: value });
        fc.pre(typeof found === "string");

        for (const { fix } of entriesOf(found)) {
          if (fix === "remove it from Pulumi.prod.yaml") {
            assert.doesNotMatch(key, /^\w[ -~]*$/);
            continue;
          }
          const [program, ...words] = wordsOf(fix!);
          assert.equal(program, "pulumi");
          assert.deepEqual(words.slice(0, 1), ["config"]);
          assert.deepEqual(words.slice(2, 4), ["--stack", "prod"]);
          if (words[1] === "rm" && !words.includes("--path")) assert.deepEqual(words.slice(4), [key]);
        }
      }),
    );
  });

  it("that is text is taken as it stands", () => {
    const models = textKeys.filter((key) => key.endsWith("Model")) as ("anthropicModel" | "voyageModel")[];
    holds(
      fc.property(fc.constantFrom(...models), anyText, (key, text) => {
        fc.pre(text !== "");

        assert.equal(validateConfig(raw({ [namespace + key]: text }))[key], text);
      }),
    );
  });

  it("changes of a function what it says, and nothing else", () => {
    const overrides = fc.record(
      {
        memoryMegabytes: fc.integer({ min: 128, max: 10240 }),
        timeoutSeconds: fc.integer({ min: 1, max: 29 }),
        reservedConcurrency: fc.integer({ min: 0, max: 1000 }),
      },
      { requiredKeys: [] },
    );
    const names = Object.keys(functions) as (keyof typeof functions)[];
    holds(
      fc.property(fc.constantFrom(...names), overrides, (name, override) => {
        const found = validateConfig(raw({ [`${namespace}functions`]: JSON.stringify({ [name]: override }) }));

        assert.deepEqual(found.functions, { ...functions, [name]: { ...functions[name], ...override } });
      }),
    );
  });

  it("tells of a file that cannot be read, whatever its name", () => {
    const readFile = (path: string): string => {
      throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    };
    holds(
      fc.property(anyText, anyText, (id, path) => {
        fc.pre(path !== "" && id !== "__proto__");
        const value = JSON.stringify({ secretFiles: { [id]: path } });

        const message = refusal(raw({ [`${namespace}imageBuild`]: value }, { readFile }));

        const [entry] = entriesOf(message);
        assert.match(entry!.received!, /ENOENT/);
      }),
    );
  });

  it("without a key says which, for each that it lacks", () => {
    holds(
      fc.property(fc.subarray(open, { minLength: 1 }), (missing) => {
        const message = refusal(raw(Object.fromEntries(missing.map((key) => [key, undefined]))));

        const named = entriesOf(message).map(({ property }) => property);
        for (const key of missing) assert.ok(named.includes(key.replace(namespace, "")), message);
      }),
    );
  });
});
