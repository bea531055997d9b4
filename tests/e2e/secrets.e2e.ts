/** Secrets are where they belong, and nowhere else: planted ones are looked for in everything that the system leaves behind. */
import * as assert from "assert/strict";
import { spawn } from "child_process";
import { randomBytes } from "crypto";
import { once } from "events";
import * as fs from "fs/promises";
import * as path from "path";
import { Readable } from "stream";
import { gzipSync, createGunzip } from "zlib";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { InvokeCommand, LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { secretRules } from "../../configShape";
import { probe } from "../../local/commands";
import { withoutDebugging } from "../../local/program";
import { setSecrets } from "../../local/stack";
import { call } from "./support/api";
import { CommandLines } from "./support/command-lines";
import { functionContainers } from "./support/containers";
import { Detector, filesBelow, valuesIn } from "./support/detector";
import { takeApart } from "./support/forgery";
import { setFaults } from "./support/models";
import { logGroupOf } from "./support/neighbours";
import { answers, bearer } from "./support/protected-routes";
import { blobsOf } from "./support/registry";
import { newStudent, removeStudents, type Student } from "./support/students";
import { instance, theLocalTarget, theTarget } from "./support/target";
import { ended, search, upload } from "./support/uploads";

/** Where each secret of the configuration ends, below the stack's parameters. */
const parameters: Readonly<Record<string, string>> = {
  anthropicApiKey: "anthropic/api_key",
  databasePassword: "database/password",
  voyageApiKey: "voyage/api_key",
};

/** What holds a secret because it must: the passphrase of the stack's secrets, and what builds are given. */
const ownFiles = ["passphrase", "build-secrets", "emulator-state", "checkout"];

const marker = (name: string): string => `local-planted-${name}-${randomBytes(12).toString("hex")}`;

describe("secrets", () => {
  const planted = Object.fromEntries(Object.keys(secretRules).map((key) => [key, marker(key)]));
  let student: Student;
  let detector: Detector;
  /** Finds what there was before there was a student: a build cannot know more. */
  let buildDetector: Detector;
  /** What commands printed, and the command lines meanwhile. */
  let printed: Readonly<Record<string, string>>;

  before("plant them, and let them be used", async function () {
    this.timeout("10m");
    const { stack } = theLocalTarget();
    const before = await stack.getAllConfig();
    const earlier = Object.keys(planted).map(
      (key) => [`earlier ${key}`, before[`student-helper:${key}`]!.value] as const,
    );
    const commandLines = new CommandLines();
    const full = Object.entries(planted).map(([key, value]) => [`student-helper:${key}`, value] as const);
    await setSecrets(instance, Object.fromEntries(full));
    const preview = await withoutDebugging(() => stack.preview({ diff: true }));
    const events: EngineEvent[] = [];
    const up = await withoutDebugging(() => stack.up({ diff: true, onEvent: (event) => void events.push(event) }));
    // Functions have new versions, whose first containers are still to start.
    await waitFor("health", async () => (await fetch(`${theTarget().apiBaseUrl}/health`)).ok);
    student = await newStudent();
    for (const file of ["photograph.jpg", "notes.md"]) {
      await ended(student.accessToken, await upload(student.accessToken, file), ["ready"], 240);
    }
    printed = {
      preview: preview.stdout + preview.stderr,
      up: up.stdout + up.stderr,
      events: JSON.stringify(events),
      outputs: JSON.stringify(up.outputs),
      "command lines": commandLines.end(),
    };
    const ofBuilds = { ...planted, ...Object.fromEntries(earlier), ...(await ofTheMachine()) };
    buildDetector = new Detector(ofBuilds);
    detector = new Detector({ ...ofBuilds, ...of(student) });
  });

  after(removeStudents);

  it("are in use: as parameters, and by what the student has", async () => {
    const ssm = new SSMClient(theTarget().aws);
    for (const [key, value] of Object.entries(planted)) {
      const Name = `/student-helper/local/${parameters[key]}`;
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      assert.equal(Parameter?.Value, value, key);
    }
    assert.equal((await search(student.accessToken, "why do apples fall")).length > 0, true);
  });

  it("are not in what `preview` and `up` print, nor in their events, outputs and command lines", () => {
    // They tell of the change of each secret, without it.
    for (const name of ["preview", "up"]) {
      assert.match(printed[name]!, /aws:ssm\/parameter:Parameter: \(update\)[^]*\[secret\]/, name);
    }
    assert.match(printed["command lines"]!, /pulumi config set student-helper:databasePassword --secret/);
    assert.deepEqual(detector.inEach(printed), {});
  });

  it("are not in the state, the settings and the logs below .local", async () => {
    const files = await filesBelow(instance, ownFiles);

    assert.deepEqual(detector.inEach(files), {});
    assert.match(files["pulumi-state/.pulumi/stacks/student-helper/local.json"]!.toString(), /"ciphertext"/);
    assert.match(files["workspace/Pulumi.local.yaml"]!.toString(), /databasePassword:\s+secure:/);
    for (const log of ["aws-emulator.log", "model-stand-ins.log", "outputs.json"]) assert.ok(log in files, log);
  });

  it("are not in the answers to requests that fail", async () => {
    const { accessToken: token, idToken } = student;
    await setFaults("secrets", [{ vendor: "voyage", fault: "unauthorized", match: "a question in vain" }]);
    try {
      const failing = await Promise.all([
        call("GET", "/search?q=a+question+in+vain", { token }),
        call("GET", "/search", { token }),
        call("GET", "/items?limit=none&owner=me", { token }),
        call("GET", "/items/none", { token }),
        call("GET", "/items/0198c000-0000-7000-8000-000000000000", { token }),
        call("POST", "/uploads", { token, json: { filename: token, content_type: "none" } }),
        call("GET", "/items"),
        call("GET", "/items", { token: idToken }),
        call("GET", "/nothing", { token }),
      ]);
      const statuses = failing.map(({ status }) => status);
      assert.deepEqual(statuses, [503, 422, 422, 422, 404, 422, 401, 403, 404]);
      assert.deepEqual(detector.in(JSON.stringify(failing)), []);
      assert.deepEqual(
        Object.values(await answers({ headers: [bearer(`${token}x`)] })).filter((s) => s !== 401),
        [],
      );
    } finally {
      await setFaults("secrets", []);
    }
  });

  it("are not in what functions answer to events that they cannot read, nor in their containers' output", async () => {
    const lambda = new LambdaClient(theTarget().aws);
    const said: Record<string, string> = {};
    for (const [key, { name }] of Object.entries(theTarget().functions)) {
      const { Payload, LogResult } = await lambda.send(
        new InvokeCommand({ FunctionName: name, Qualifier: "live", LogType: "Tail", Payload: '{"Records":[{}]}' }),
      );
      said[`answer of ${key}`] = Buffer.from(Payload!).toString();
      said[`log of ${key}`] = Buffer.from(LogResult ?? "", "base64").toString();
      for (const container of await functionContainers(key)) {
        const { all } = await probe("docker", ["logs", container]);
        said[`output of ${key} in ${container}`] = all;
      }
    }

    const hasOutput = (key: string): boolean =>
      Object.entries(said).some(
        ([name, text]) => name.startsWith(`output of ${key} in `) && text.includes("START RequestId"),
      );
    assert.deepEqual(
      Object.keys(theTarget().functions).filter((key) => !hasOutput(key)),
      [],
    );
    assert.match(said["answer of api"]!, /errorMessage/);
    assert.deepEqual(detector.inEach(said), {});
  });

  it("are not in the environment of any version of a function", async () => {
    const client = new LambdaClient(theTarget().aws);
    const settings: Record<string, string> = {};
    for (const { name: FunctionName } of Object.values(theTarget().functions)) {
      for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName })) {
        for (const version of Versions) settings[`${FunctionName} ${version.Version}`] = JSON.stringify(version);
      }
    }

    assert.deepEqual(detector.inEach(settings), {});
    // They hold names of parameters alone.
    for (const text of Object.values(settings)) assert.ok(text.includes('"PARAMETER_PREFIX":"/student-helper/local'));
  });

  it("are not in any log of CloudWatch", async () => {
    const logs = await everyLog();

    assert.deepEqual(detector.inEach(logs), {});
    for (const line of ["Upload requested", "A query was not embedded"]) {
      assert.ok(logs[logGroupOf("api")]!.includes(line), line);
    }
  });

  it("are not in any layer, configuration or build cache of an image", async function () {
    this.timeout("5m");
    const { repositories = [] } = await new ECRClient(theTarget().aws).send(new DescribeRepositoriesCommand({}));
    const seen = new Set<string>();
    const found: Record<string, string[]> = {};
    for (const { repositoryName } of repositories) {
      for await (const { name, content } of blobsOf(repositoryName!, seen)) {
        const names = await buildDetector.inStream(content);
        if (names.length > 0) found[name] = names;
      }
    }

    assert.deepEqual(found, {});
    assert.ok(seen.size > 3 * repositories.length, `${seen.size} blobs of ${repositories.length} repositories`);
  });

  describe("would be found", () => {
    const [[name, value]] = Object.entries(planted) as [[string, string]];

    it("in base64, in hexadecimal, and across the pieces of a layer", async () => {
      const texts = {
        base64: Buffer.from(`{"password":"${value}"}`).toString("base64"),
        "base64 of a header": Buffer.from(`a:${value}`).toString("base64"),
        hexadecimal: Buffer.from(value).toString("hex"),
        text: `postgresql://user:${value}@localhost/`,
      };
      const layer = gzipSync(Buffer.concat([Buffer.alloc(100_000, "a"), Buffer.from(value), Buffer.alloc(100_000)]));
      const pieces = (layer.toString("latin1").match(/[^]{1,7}/g) ?? []).map((piece) => Buffer.from(piece, "latin1"));

      assert.deepEqual(Object.keys(detector.inEach(texts)), Object.keys(texts));
      assert.deepEqual(await detector.inStream(Readable.from(pieces).pipe(createGunzip())), [name]);
    });

    it("in a layer, if builds are given it as the password of an address", async () => {
      const index = `https://reader:${value}@index.example/simple`;
      const given = valuesIn({
        "pip.conf": `[global]\ncert = /etc/ssl/certs/ca-certificates.crt\nindex-url = ${index}\n`,
        "apt.conf": 'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::Check-Date "false";\n',
      });
      const layer = gzipSync(`machine index.example login reader password ${value}`);

      assert.deepEqual(given, { "pip.conf index-url password": value });
      assert.deepEqual(await new Detector(given).inStream(Readable.from([layer]).pipe(createGunzip())), [
        "pip.conf index-url password",
      ]);
    });

    it("in a file of the system", async () => {
      const logs = path.join(instance, "logs");
      await fs.writeFile(path.join(logs, "planted.log"), `a line with ${value}\n`);

      const found = detector.inEach(await filesBelow(logs, []));

      await fs.rm(path.join(logs, "planted.log"));
      assert.deepEqual(found, { "planted.log": [name] });
    });

    it("in a command line", async () => {
      const commandLines = new CommandLines();
      await once(spawn(process.execPath, ["--eval", "setTimeout(() => {}, 500)", value]), "close");

      assert.deepEqual(detector.in(commandLines.end()), [name]);
    });

    it("in a log of CloudWatch", async () => {
      const client = new CloudWatchLogsClient(theTarget().aws);
      const place = { logGroupName: logGroupOf("api"), logStreamName: "planted" };
      await client.send(new CreateLogStreamCommand(place));
      await client.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: Date.now(), message: value }] }));

      const found = detector.inEach(await everyLog());

      await client.send(new DeleteLogStreamCommand(place));
      assert.deepEqual(found, { [place.logGroupName]: [name] });
    });
  });
});

async function waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 120_000; !(await condition());) {
    assert.ok(Date.now() < deadline, `no ${what} after two minutes`);
  }
}

/** What the machine keeps for itself: the passphrase, and what it gives to builds. */
async function ofTheMachine(): Promise<Record<string, string>> {
  const passphrase = await fs.readFile(path.join(instance, "passphrase"), "utf8");
  return { passphrase, ...valuesIn(await filesBelow(path.join(instance, "build-secrets"), [])) };
}

/** A student's tokens, by the part that nobody can make: a log may have cut the rest off. */
const of = ({ accessToken, idToken, refreshToken }: Student): Record<string, string> => ({
  "access token": takeApart(accessToken).signature.slice(0, 64),
  "ID token": takeApart(idToken).signature.slice(0, 64),
  "refresh token": refreshToken.slice(-64),
});

/** All that is in each log group. */
async function everyLog(): Promise<Record<string, string>> {
  const client = new CloudWatchLogsClient(theTarget().aws);
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  const logs: Record<string, string> = {};
  for (const { logGroupName } of logGroups) {
    const lines: string[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
      lines.push(...events.map(({ message }) => message!));
    }
    logs[logGroupName!] = lines.join("\n");
  }
  return logs;
}
