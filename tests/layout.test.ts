/** What must agree although nothing else makes it: images and the registry, Pulumi.yaml and config.ts. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type * as Semver from "semver";
import { parse } from "yaml";
import { secretRules, shapeFor } from "../configShape";
import { EventBus, Network, Vpc } from "../components";
import { functions, imageFunctions, type FunctionDefinition } from "../functions";
import { engines } from "../package.json";

const root = path.resolve(__dirname, "..");

interface Declaration {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
}

// Pulumi's SDK brings it.
const semver = createRequire(require.resolve("@pulumi/pulumi"))("semver") as typeof Semver;

const { config } = parse(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
  config: Record<string, Declaration>;
};

describe("layout", () => {
  it("has a function in functions.ts for each folder of images/, and the other way round", () => {
    const entries = fs.readdirSync(path.join(root, "images"), { withFileTypes: true });

    // `_shared` and the like are no functions, nor are the folders of tools (`.ruff_cache`).
    const folders = entries.filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name));

    assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(imageFunctions).sort());
  });

  for (const name of ["analyzer", "embedder"] as const) {
    it(`gives ${name} the time of its vendor's longest request, and half a minute for the rest`, () => {
      const model = fs.readFileSync(path.join(root, "images", name, "src", name, "model.py"), "utf8");

      const seconds = Number(/^REQUEST_SECONDS = (.+)$/m.exec(model)?.[1]);

      assert.ok(functions[name].timeoutSeconds >= seconds + 30, `${seconds} s`);
    });
  }

  for (const name of Object.keys(imageFunctions)) {
    const folder = path.join(root, "images", name);
    const linesOf = (file: string): string[] =>
      fs
        .readFileSync(path.join(folder, file), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));

    it(`builds ${name} of its own sources and the shared ones, and of nothing else`, () => {
      assert.deepEqual(linesOf("Dockerfile.dockerignore"), [
        "**",
        "!_shared/requirements.txt",
        "!_shared/src",
        `!${name}/requirements.txt`,
        `!${name}/src`,
        "**/__pycache__",
        "**/*.pyc",
      ]);
    });

    it(`starts ${name} by the base image's entry point, which gets the handler without a shell`, () => {
      const starts = linesOf("Dockerfile").filter((line) => /^\s*(CMD|ENTRYPOINT)\b/i.test(line));

      assert.deepEqual(starts, [`CMD ["${name.replaceAll("-", "_")}.handler.handler"]`]);
    });
  }

  it("has each module of the root in CONTRIBUTING.md's map", () => {
    const map = fs.readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");

    const modules = fs.readdirSync(root).filter((file) => file.endsWith(".ts"));

    const mapped = [...map.matchAll(/^\| `([^`/]+\.ts)` /gm)].map((match) => match[1]);
    assert.deepEqual(mapped.sort(), modules.sort());
  });

  it("calls events what the functions call them", () => {
    const module = path.join(root, "images", "_shared", "src", "student_helper", "events.py");
    const python = fs.readFileSync(module, "utf8");

    const published = [...python.matchAll(/^ {4}detail_type = "(\w+)"$/gm)].map((match) => match[1]);

    const consumed = Object.values<FunctionDefinition>(functions).flatMap(({ consumes }) =>
      consumes !== undefined && "events" in consumes ? consumes.events : [],
    );
    assert.deepEqual([...new Set(consumed)].sort(), published.sort());
    assert.equal(/^SOURCE = "(.+)"$/m.exec(python)?.[1], EventBus.source);
  });

  it("has endpoints of the services that functions call", () => {
    const images = path.join(root, "images");
    const modules = fs
      .readdirSync(images, { recursive: true, encoding: "utf8" })
      .filter((file) => /^\w[\w-]*[\\/]src[\\/].+\.py$/.test(file) && !file.startsWith("_testing"));

    const called = modules.flatMap((file) => {
      const python = fs.readFileSync(path.join(images, file), "utf8");
      const clients = [...python.matchAll(/boto3\.(?:client|resource)\(\s*"(\w+)"/g)].map((match) => match[1]);
      return clients.map((client) => (client === "cloudwatch" ? "monitoring" : client)); // Its endpoint's name.
    });

    const reached = [...Network.calledServices, ...Vpc.gatewayServices];
    assert.deepEqual([...new Set(called)].sort(), reached.sort());
  });

  it("declares in Pulumi.yaml every key that config.ts reads, and no other", () => {
    const keys = [...Object.keys(shapeFor("prod", []).shape), ...Object.keys(secretRules)];

    assert.deepEqual(Object.keys(config).sort(), keys.sort());
  });

  for (const [key, declaration] of Object.entries(config)) {
    it(`declares ${key} with type, default and description`, () => {
      assert.ok(["string", "boolean", "integer", "array", "object"].includes(declaration.type ?? ""));
      assert.notEqual(declaration.default, undefined);
      assert.ok((declaration.description ?? "").length > 0);
    });
  }

  it("has defaults in Pulumi.yaml that config.ts accepts, but for the keys that a stack must set", () => {
    const { shape } = shapeFor("prod", []);

    const refused = Object.entries(shape)
      .filter(([key, rule]) => !rule.safeParse(config[key]?.default).success)
      .map(([key]) => key);

    assert.deepEqual(refused, ["corsOrigins", "alarmEmails"]);
  });

  it("is for no release of Node.js that one of its packages refuses, as npm would not install it", () => {
    const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { readonly engines?: { readonly node?: string } }>;
    };

    const refused = Object.entries(packages).flatMap(([name, { engines: own }]) =>
      semver.subset(engines.node, own?.node ?? "*") ? [] : [`${name}: ${own?.node}`],
    );

    assert.deepEqual(packages[""]?.engines, engines);
    assert.deepEqual(refused, []);
  });
});
