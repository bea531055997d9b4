import * as assert from "node:assert/strict";
import { validateConfig } from "../config";
import { valueOf } from "./support/pulumi-mocks";
import { encrypted, raw, refusal } from "./support/raw-config";

describe("config", () => {
  it("is typed", async () => {
    const config = validateConfig(raw());

    assert.equal(config.stack, "prod");
    assert.equal(config.region, "eu-central-1");
    assert.equal(config.awsEndpointUrl, undefined);
    assert.equal(config.tlsOnly, true);
    assert.equal(config.consoleUrl, "https://eu-central-1.console.aws.amazon.com");
    assert.deepEqual(config.corsOrigins, ["https://app.example.org"]);
    assert.deepEqual(config.alarmEmails, ["operations@example.org"]);
    assert.equal(config.logRetentionDays, 30);
    assert.equal(config.protectData, true);
    assert.equal(config.databaseInstanceClass, "db.t4g.micro");
    assert.equal(config.databaseStorageGigabytes, 20);
    assert.equal(config.databaseMultiAz, false);
    assert.equal(config.databaseProxy, false);
    assert.equal(config.defaultVpc, false);
    assert.equal(config.natGateways, "single");
    assert.equal(config.anthropicBaseUrl, undefined);
    assert.equal(config.voyageBaseUrl, undefined);
    assert.equal(config.apiBaseUrl, undefined);
    assert.equal(config.permissionsBoundary, undefined);
    assert.equal(config.canary, undefined);
    assert.equal(await valueOf(config.databasePassword), "database-password");
    assert.equal(await valueOf(config.anthropicApiKey), "anthropic-key");
    assert.equal(await valueOf(config.voyageApiKey), "voyage-key");
  });

  it("is frozen all the way down", () => {
    const config = validateConfig(raw());

    assert.throws(() => ((config as { logLevel: string }).logLevel = "DEBUG"), TypeError);
    assert.throws(() => ((config.functions.api as { timeoutSeconds: number }).timeoutSeconds = 1), TypeError);
    assert.throws(() => (config.corsOrigins as string[]).push("*"), TypeError);
  });

  it("lays overrides over the registry", () => {
    const functions = '{"api":{"memoryMegabytes":1024,"reservedConcurrency":5}}';

    const { api } = validateConfig(raw({ "student-helper:functions": functions })).functions;

    assert.equal(api.memoryMegabytes, 1024);
    assert.equal(api.reservedConcurrency, 5);
    assert.equal(api.timeoutSeconds, 15);
    assert.ok(api.routes !== undefined && api.routes.length > 0);
  });

  it("has a canary if the stack wants one", () => {
    const { canary } = validateConfig(raw({ "student-helper:canary": '{"percent":10,"minutes":5}' }));

    assert.deepEqual(canary, { percent: 10, minutes: 5 });
  });

  for (const [value, property, allowed, fix] of [
    ['{"percent":10}', "canary", "percent and minutes, or {} for no canary", "rm --stack prod canary"],
    ["true", "canary", "an object with percent and minutes; {} for no canary", "rm --stack prod canary"],
    [
      '{"percent":51,"minutes":5}',
      "canary.percent",
      "an integer from 1 to 50 (percent of the traffic)",
      "set --stack prod --path 'canary.percent' 10",
    ],
    [
      '{"percent":10,"minutes":15}',
      "canary.minutes",
      "an integer from 1 to 14 (minutes)",
      "set --stack prod --path 'canary.minutes' 5",
    ],
  ] as const) {
    it(`refuses ${value} for a canary`, () => {
      const message = refusal(raw({ "student-helper:canary": value }));

      assert.ok(message.includes(`1. ${property}\n`), message);
      assert.ok(message.includes(`allowed:  ${allowed}\n`), message);
      assert.ok(message.endsWith(`fix:      pulumi config ${fix}`), message);
    });
  }

  it("sends keys to the vendors, or where the stack says", () => {
    const config = validateConfig(
      raw({
        "student-helper:anthropicBaseUrl": "https://models.example.org/anthropic",
        "student-helper:voyageBaseUrl": "http://localhost:7566/voyage/v1",
      }),
    );

    assert.equal(config.anthropicBaseUrl, "https://models.example.org/anthropic");
    assert.equal(config.voyageBaseUrl, "http://localhost:7566/voyage/v1");
  });

  for (const password of ["a".repeat(8), "~".repeat(128), "!#$%&'()*+,-.:;<=>?[]^_`{|}"]) {
    it(`takes ${password.slice(0, 30)} for the database's password`, async () => {
      const config = validateConfig(raw({ "student-helper:databasePassword": password }));

      assert.equal(await valueOf(config.databasePassword), password);
    });
  }

  for (const password of [
    "sk-1234",
    "sk-".repeat(43),
    "sk-1234/5",
    'sk-1234"5',
    "sk-1234@5",
    "sk-1234 5",
    "sk-1234é5",
  ]) {
    it(`refuses ${password.slice(0, 30)} for the database's password, and does not show it`, () => {
      const message = refusal(raw({ "student-helper:databasePassword": password }));

      assert.equal(
        message,
        [
          'The configuration of stack "prod" (Pulumi.prod.yaml) has 1 problem; nothing was changed:',
          "  1. databasePassword",
          "     received: a secret (not shown)",
          '     allowed:  a secret of 8 to 128 printable ASCII characters, without /, ", @ and blanks',
          "     fix:      pulumi config set --stack prod --secret databasePassword",
        ].join("\n"),
      );
    });
  }

  it("knows an emulator without TLS by its address", () => {
    const config = validateConfig(raw({ "student-helper:awsEndpointUrl": "http://localhost:4566" }));

    assert.equal(config.awsEndpointUrl, "http://localhost:4566");
    assert.equal(config.tlsOnly, false);
  });

  it("reads the files of BuildKit secrets", async () => {
    const imageBuild = '{"registry":"localhost:4566","builder":"mine","secretFiles":{"pip_conf":"/etc/pip.conf"}}';

    const config = validateConfig(raw({ "student-helper:imageBuild": imageBuild })).imageBuild;

    assert.equal(config.registry, "localhost:4566");
    assert.equal(config.builder, "mine");
    assert.deepEqual(config.baseImages, {});
    assert.equal(await valueOf(config.secrets["pip_conf"]!), "content of /etc/pip.conf");
  });

  it("lists every problem in one error, with the command that mends it", () => {
    const message = refusal(
      raw({
        "student-helper:logLevl": "INFO",
        "student-helper:voyageApiKey": "",
        "student-helper:corsOrigins": '["*"]',
        "student-helper:throttleRate": "fast",
        "student-helper:functions": '{"api":{"memoryMegabytes":50}}',
      }),
    );

    assert.equal(
      message,
      [
        'The configuration of stack "prod" (Pulumi.prod.yaml) has 5 problems; nothing was changed:',
        "  1. logLevl",
        "     received: a value (not shown: it may be a secret under a mistyped key)",
        "     allowed:  no such key; did you mean logLevel?",
        "     fix:      pulumi config rm --stack prod logLevl",
        "  2. voyageApiKey",
        "     received: nothing",
        "     allowed:  an encrypted value that is not empty",
        "     fix:      pulumi config set --stack prod --secret voyageApiKey",
        "  3. corsOrigins[0]",
        '     received: "*"',
        "     allowed:  an origin such as https://app.example.org, without a path; * is refused on this stack",
        "     fix:      pulumi config set --stack prod --path 'corsOrigins[0]' https://app.example.org",
        "  4. throttleRate",
        '     received: "fast"',
        "     allowed:  an integer from 1 to 10000 (requests per second)",
        "     fix:      pulumi config set --stack prod throttleRate 50",
        "  5. functions.api.memoryMegabytes",
        "     received: 50",
        "     allowed:  an integer from 128 to 10240 (megabytes)",
        "     fix:      pulumi config set --stack prod --path 'functions.api.memoryMegabytes' 512",
      ].join("\n"),
    );
  });

  const stackNames = {
    "leaves no room for those of its functions": "pr-student-helper-student-helper-12",
    "ends in a hyphen, which RDS and ECR refuse": "team-",
    "has two hyphens in a row, which RDS and ECR refuse": "pr--2",
  };
  for (const [what, stack] of Object.entries(stackNames)) {
    it(`refuses a stack whose name ${what}`, () => {
      const message = refusal(raw({}, { stack }));

      assert.ok(
        message.endsWith(
          [
            "  1. the stack's name",
            `     received: "${stack}"`,
            "     allowed:  a lower-case letter, then up to 23 of a-z, 0-9 and single hyphens, none at the end",
            "     fix:      pulumi stack rename",
          ].join("\n"),
        ),
        message,
      );
    });
  }

  it("takes a stack's name of 24 characters with hyphens between them", () => {
    assert.equal(validateConfig(raw({}, { stack: "pr-12-a-b-student-helper" })).stack, "pr-12-a-b-student-helper");
  });

  const refused: readonly [property: string, key: string, value: string | undefined, allowed: string][] = [
    ["corsOrigins", "corsOrigins", "[]", "a list of at least one origin"],
    ["corsOrigins", "corsOrigins", "https://app.example.org", "a list of at least one origin"],
    ["alarmEmails", "alarmEmails", "[]", "a list of at least one e-mail address"],
    ["alarmEmails", "alarmEmails", "operations@example.org", "a list of at least one e-mail address"],
    ["alarmEmails[0]", "alarmEmails", '["operations"]', "an e-mail address such as operations@example.org"],
    ["corsOrigins[0]", "corsOrigins", '["https://app.example.org/"]', "an origin such as"],
    ["corsOrigins[1]", "corsOrigins", '["https://app.example.org",5]', "an origin such as"],
    ["corsOrigins[0]", "corsOrigins", '["https://*"]', "an origin such as"],
    ["corsOrigins[0]", "corsOrigins", '["https://*.example.org"]', "an origin such as"],
    ["logLevel", "logLevel", "TRACE", "one of DEBUG, INFO, WARNING, ERROR"],
    ["logRetentionDays", "logRetentionDays", "31", "one of 1, 3, 5, 7,"],
    ["throttleRate", "throttleRate", "0", "an integer from 1 to 10000"],
    ["throttleBurst", "throttleBurst", "1.5", "an integer from 1 to 5000"],
    ["maxUploadMegabytes", "maxUploadMegabytes", "101", "an integer from 1 to 100"],
    ["recoveryDays", "recoveryDays", "-1", "an integer from 0 to 365"],
    ["protectData", "protectData", "yes", "true or false"],
    ["permissionsBoundary", "permissionsBoundary", "policy/a", "a policy's name; empty for none"],
    ["databaseInstanceClass", "databaseInstanceClass", "t4g.micro", "a class of RDS instances"],
    ["databaseStorageGigabytes", "databaseStorageGigabytes", "19", "an integer from 20 to 65536"],
    ["databaseMultiAz", "databaseMultiAz", "yes", "true or false"],
    ["databaseProxy", "databaseProxy", "1", "true or false"],
    ["defaultVpc", "defaultVpc", "vpc-123", "true or false"],
    ["natGateways", "natGateways", "two", "one of none, single, one-per-az"],
    ["awsEndpointUrl", "awsEndpointUrl", "http://aws.example.org", "an https URL, or an http URL of localhost"],
    ["anthropicBaseUrl", "anthropicBaseUrl", "http://models.example.org", "an https URL, or an http URL of localhost"],
    ["voyageBaseUrl", "voyageBaseUrl", "http://localhost@example.org", "an https URL, or an http URL of localhost"],
    ["anthropicModel", "anthropicModel", "", "text that is not empty"],
    ["voyageModel", "voyageModel", undefined, "text"],
    ["functions", "functions", "5", "an object: name of a function to what it overrides"],
    ["functions.apo", "functions", '{"apo":{}}', "no such key; did you mean api?"],
    ["functions.api.memory", "functions", '{"api":{"memory":512}}', "no such key; known: memoryMegabytes"],
    ["functions.api.timeoutSeconds", "functions", '{"api":{"timeoutSeconds":30}}', "an integer from 1 to 29"],
    ["functions.api.reservedConcurrency", "functions", '{"api":{"reservedConcurrency":-1}}', "an integer from 0 to"],
    ["images", "images", "staging", "an object with from"],
    ["images.from", "images", '{"from":"stagin"}', "one of local, dev, staging"],
    ["images.from", "images", '{"from":"prod"}', "one of local, dev, staging"],
    ["images.form", "images", '{"form":"staging"}', "no such key; did you mean from?"],
    ["imageBuild.registry", "imageBuild", '{"registry":"http://localhost"}', "a host, with a port"],
    ["imageBuild.buidler", "imageBuild", '{"buidler":"mine"}', "no such key; did you mean builder?"],
    ["apiBaseUrl", "apiBaseUrl", "localhost", "an http or https URL"],
  ];
  for (const [property, key, value, allowed] of refused) {
    it(`refuses ${key} = ${value ?? "nothing"}`, () => {
      const message = refusal(raw({ [`student-helper:${key}`]: value }));

      assert.match(message, /has 1 problem;/);
      assert.ok(message.includes(`  1. ${property}\n`), message);
      assert.ok(message.includes(`     allowed:  ${allowed}`), message);
    });
  }

  describe("natGateways none", () => {
    const none = { "student-helper:natGateways": "none" };
    const anthropic = { "student-helper:anthropicBaseUrl": "https://models.internal/anthropic" };
    const voyage = { "student-helper:voyageBaseUrl": "https://models.internal/voyage/v1" };

    for (const [what, urls] of Object.entries({
      "no address": {},
      "Anthropic's alone": anthropic,
      "Voyage's alone": voyage,
    })) {
      it(`is refused with ${what} of the vendors inside the VPC`, () => {
        const message = refusal(raw({ ...none, ...urls, "student-helper:throttleRate": "0" }));

        assert.match(message, /has 2 problems;/);
        assert.ok(
          message.endsWith(
            [
              "",
              "  2. natGateways",
              '     received: "none", without both of anthropicBaseUrl and voyageBaseUrl',
              "     allowed:  single or one-per-az; none, if both are addresses that functions reach inside the VPC, as they reach no other",
              "     fix:      pulumi config set --stack prod natGateways single",
            ].join("\n"),
          ),
          message,
        );
      });
    }

    it("is taken with both, and where the VPC is not the stack's own", () => {
      assert.equal(validateConfig(raw({ ...none, ...anthropic, ...voyage })).natGateways, "none");
      assert.equal(validateConfig(raw({ ...none, "student-helper:defaultVpc": "true" })).natGateways, "none");
    });
  });

  it("refuses everyone's pages in staging and prod only", () => {
    const anyone = { "student-helper:corsOrigins": '["*"]' };

    for (const stack of ["staging", "prod"]) assert.match(refusal(raw(anyone, { stack })), /\* is refused/);
    for (const stack of ["local", "dev"]) assert.deepEqual(validateConfig(raw(anyone, { stack })).corsOrigins, ["*"]);
  });

  it("subscribes an address to alarms once, and has what is repeated removed from the last on", () => {
    const message = refusal(
      raw({ "student-helper:alarmEmails": '["a@example.org","b@example.org","a@example.org","a@example.org"]' }),
    );

    assert.ok(
      message.endsWith(
        [
          "has 2 problems; nothing was changed:",
          "  1. alarmEmails[3]",
          '     received: "a@example.org"',
          "     allowed:  each address once",
          "     fix:      pulumi config rm --stack prod --path 'alarmEmails[3]'",
          "  2. alarmEmails[2]",
          '     received: "a@example.org"',
          "     allowed:  each address once",
          "     fix:      pulumi config rm --stack prod --path 'alarmEmails[2]'",
        ].join("\n"),
      ),
      message,
    );
  });

  it("needs somebody who hears alarms in staging and prod only", () => {
    const nobody = { "student-helper:alarmEmails": "[]" };

    for (const stack of ["staging", "prod"])
      assert.match(refusal(raw(nobody, { stack })), /at least one e-mail address/);
    for (const stack of ["local", "dev"]) assert.deepEqual(validateConfig(raw(nobody, { stack })).alarmEmails, []);
  });

  it("refuses a region that is missing", () => {
    const message = refusal(raw({ "aws:region": undefined }));

    assert.match(message, /has 1 problem;[^]*1\. aws:region\n/);
  });

  it("refuses a BuildKit secret whose file cannot be read, whatever else is wrong", () => {
    const readFile = (): never => assert.fail("ENOENT");
    const imageBuild = '{"secretFiles":{"pip_conf":"/none"}}';

    const message = refusal(
      raw({ "student-helper:imageBuild": imageBuild, "student-helper:throttleRate": "0" }, { readFile }),
    );

    assert.match(message, /has 2 problems;[^]*imageBuild\.secretFiles\.pip_conf\n +received: "\/none" \(ENOENT\)/);
  });

  it("never shows a secret, nor what may be one", () => {
    const message = refusal(
      raw(
        {
          "student-helper:anthropicApiKey": "sk-plain",
          "student-helper:anthropicKey": "sk-mistyped",
          "student-helper:logLevel": "sk-encrypted",
        },
        {
          isSecret: (key) =>
            key === "student-helper:logLevel" || (encrypted.includes(key) && !key.includes("anthropic")),
        },
      ),
    );

    assert.match(message, /has 3 problems;/);
    assert.doesNotMatch(message, /sk-/);
    assert.match(message, /anthropicApiKey\n +received: a value in plain text/);
    assert.match(message, /logLevel\n +received: a secret \(not shown\)/);
  });
});
