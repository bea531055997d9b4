import * as assert from "assert/strict";
import { setTimeout as delay } from "timers/promises";
import { CloudWatchClient, SetAlarmStateCommand, StateValue } from "@aws-sdk/client-cloudwatch";
import { BatchDeleteImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { type AliasConfiguration, GetAliasCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { servingFunctions } from "../../functions";
import { StepError } from "../../local/errors";
import { print } from "../../local/progress";
import { releasesOf } from "../../operations/deployed-releases";
import { type DeployedStack, localStackIn } from "../../operations/deployed-stack";
import { listVersions } from "../../operations/release-list";
import { rollBack } from "../../operations/rolling-back";
import { call } from "./support/api";
import { instance, theLocalTarget, theTarget } from "./support/target";
import { edit, up } from "./support/updates";

const app = "images/api/src/api/app.py";
const sharedByAll = "images/_shared/src/student_helper/logs.py";
const canary = "student-helper:canary";
const alarm = "student-helper-local-api-errors";

/** `GET /health`, as API Gateway hands it to a function. */
const healthRequest = {
  version: "2.0",
  rawPath: "/health",
  rawQueryString: "",
  headers: { host: "api" },
  requestContext: { requestId: "a-test", http: { method: "GET", path: "/health", sourceIp: "192.0.2.1" } },
  isBase64Encoded: false,
};

/** Versions of the api function: published, tried, taken back, pinned. */
describe("a release", () => {
  let deployed: DeployedStack;
  /** The versions that `live` points to, in the order of their releases. */
  let first: string;
  let second: string;
  let lambda: LambdaClient;

  before(async () => {
    deployed = await localStackIn(instance);
    lambda = new LambdaClient(theTarget().aws);
  });

  after(async function () {
    this.timeout("5m");
    const { stack } = theLocalTarget();
    await stack.removeConfig(canary);
    await edit(app, () => original);
    await edit(sharedByAll, (text) => text.replace(change, ""));
    // The state has what the rollbacks wrote, for whoever looks for drift next.
    await up(stack, { refresh: true });
  });

  let original: string;
  const replaceInOriginal = (old: string, replacement: string): Promise<void> =>
    edit(app, (text) => {
      original ??= text;
      return original.replace(old, replacement);
    });
  const setTitle = (title: string): Promise<void> => replaceInOriginal('title="Student Helper"', `title="${title}"`);

  const change = '\nRELEASE = "of all functions"\n';
  const alias = (key = "api"): Promise<AliasConfiguration> =>
    lambda.send(new GetAliasCommand({ FunctionName: theTarget().functions[key]!.name, Name: "live" }));
  const liveVersions = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(
      await Promise.all(servingFunctions.map(async (name) => [name, (await alias(name)).FunctionVersion!] as const)),
    );
  const shares = async (): Promise<Readonly<Record<string, number>>> =>
    (await alias()).RoutingConfig?.AdditionalVersionWeights ?? {};

  const setAlarm = async (state: StateValue): Promise<void> => {
    const command = new SetAlarmStateCommand({ AlarmName: alarm, StateValue: state, StateReason: "a test" });
    await new CloudWatchClient(theTarget().aws).send(command);
  };

  /** The shares of the traffic as soon as there are some, or when an action ends without. */
  async function sharesDuring(action: Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    let isRunning = true;
    const ended = (): void => void (isRunning = false);
    action.then(ended, ended);
    while (isRunning) {
      const found = await shares();
      if (Object.keys(found).length > 0) return found;
      await delay(500);
    }
    return {};
  }

  it("of all functions is taken back in seconds, and forward again", async () => {
    await edit(sharedByAll, (text) => text + change);
    const before = await liveVersions();
    await up(theLocalTarget().stack);
    const released = await liveVersions();
    const start = performance.now();

    await rollBack(deployed, { args: [], options: { yes: true } });

    const seconds = (performance.now() - start) / 1000;
    assert.ok(
      servingFunctions.every((name) => released[name] !== before[name]),
      `the update did not release all functions: ${JSON.stringify({ before, released })}`,
    );
    assert.deepEqual(await liveVersions(), before);
    assert.ok(seconds < 15, `the rollback took ${seconds.toFixed(1)} s`);
    print(`      ${servingFunctions.length} functions were back after ${seconds.toFixed(1)} s`);
    await rollBack(deployed, { args: [], options: { to: "latest", yes: true } });
    assert.deepEqual(await liveVersions(), released);
  });

  it("serves after it had a share of the traffic for a minute without a fault", async () => {
    const { stack } = theLocalTarget();
    first = (await alias()).FunctionVersion!;
    second = `${Number(first) + 1}`;
    await stack.setConfig(canary, { value: '{"percent":50,"minutes":1}' });
    await setTitle("Second Title");

    const updated = up(stack);
    const tried = await sharesDuring(updated);
    const sharedAt = performance.now();
    await updated;

    assert.deepEqual(tried, { [second]: 0.5 });
    assert.ok(performance.now() - sharedAt > 55_000, "it served before the minute was over");
    assert.equal((await alias()).FunctionVersion, second);
    assert.deepEqual(await shares(), {});
  });

  it("is listed with its image, its commit and what is live", async () => {
    const { releases, historyProblem } = await releasesOf(deployed);

    const [newest, before] = listVersions(releases, 2, "api");

    assert.equal(historyProblem, undefined);
    const { body } = await call("GET", "/health");
    assert.deepEqual([newest?.version, newest?.digest, newest?.state], [second, body.image_digest, ["live"]]);
    assert.match(newest?.release.update?.commit ?? "", /^[0-9a-f]{40}$/);
    assert.equal(newest?.release.update?.succeeded, true);
    assert.deepEqual([before?.version, before?.state], [first, []]);
    assert.notEqual(before?.release.key, newest?.release.key);
  });

  it("is taken back in seconds", async () => {
    const { releases } = await releasesOf(deployed);
    const before = releases.functions.find(({ name }) => name === "api")?.versions.at(-2);
    const start = performance.now();

    await rollBack(deployed, { args: [], options: { function: "api", yes: true } });

    const { body } = await call("GET", "/health");
    const seconds = (performance.now() - start) / 1000;
    assert.deepEqual([body.version, body.image_digest], [first, before?.digest]);
    assert.ok(seconds < 15, `the rollback took ${seconds.toFixed(1)} s`);
    print(`      the API answered with the version before after ${seconds.toFixed(1)} s`);
  });

  it("stays taken back in the next update, which warns", async () => {
    const { changes, warnings } = await up(theLocalTarget().stack);

    assert.equal((await alias()).FunctionVersion, first);
    assert.deepEqual(changes, [
      "create-replacement aws:lambda/invocation:Invocation api",
      "delete-replaced aws:lambda/invocation:Invocation api",
      "replace aws:lambda/invocation:Invocation api",
      "update aws:lambda/alias:Alias api",
    ]);
    const pinned = `api is pinned to version ${first} since a rollback`;
    assert.equal(warnings.filter((warning) => warning.includes(pinned)).length, 1, warnings.join("\n"));
  });

  it("is not taken back to what there is not", async () => {
    const { releases } = await releasesOf(deployed);

    await assert.rejects(
      rollBack(deployed, { args: [], options: { function: "api", to: "999", yes: true } }),
      (error) => {
        assert.ok(error instanceof StepError, String(error));
        assert.equal(error.reason, "api has no version 999; nothing was changed.");
        return true;
      },
    );

    assert.deepEqual((await releasesOf(deployed)).releases, releases);
  });

  it("serves again when the pin is lifted", async () => {
    await rollBack(deployed, { args: [], options: { to: "latest", yes: true } });

    const { body } = await call("GET", "/health");
    assert.equal(body.version, second);
    assert.deepEqual((await releasesOf(deployed)).releases.pinChanges.at(-1)?.pins, {});
  });

  it("does not serve when an alarm fires while it is tried", async () => {
    const { stack } = theLocalTarget();
    const third = `${Number(second) + 1}`;
    await setTitle("Third Title");

    const updated = up(stack);
    const tried = await sharesDuring(updated);
    await setAlarm(StateValue.ALARM);

    assert.deepEqual(tried, { [third]: 0.5 });
    const stays = `Version ${third} of ${theTarget().functions.api!.name} was taken back, live stays at version ${second}`;
    await assert.rejects(updated, new RegExp(`${stays}: alarm ${alarm} fired while it had 50 % of the traffic`));
    await setAlarm(StateValue.OK);
    assert.equal((await alias()).FunctionVersion, second);
    assert.deepEqual(await shares(), {});
    assert.equal((await call("GET", "/health")).body.version, second);
  });

  it("does not serve when it answers 500 while it is tried", async () => {
    const { stack } = theLocalTarget();
    const { name } = theTarget().functions.api!;
    const fourth = `${Number(second) + 2}`;
    await replaceInOriginal("    services.health.check()", '    raise RuntimeError("a bug")');

    const updated = up(stack);
    const tried = await sharesDuring(updated);
    // The emulator gives an alias' own version all requests: the new one gets one of its own.
    const request = { FunctionName: name, Qualifier: fourth, Payload: JSON.stringify(healthRequest) };
    const answer = await lambda.send(new InvokeCommand(request));

    assert.deepEqual(tried, { [fourth]: 0.5 });
    const stays = `Version ${fourth} of ${name} was taken back, live stays at version ${second}`;
    await assert.rejects(updated, new RegExp(`${stays}: 1 of its calls failed while it had 50 % of the traffic`));
    assert.equal(answer.FunctionError, undefined, "Lambda counts an error by itself");
    assert.equal((JSON.parse(Buffer.from(answer.Payload!).toString()) as { statusCode: number }).statusCode, 500);
    assert.equal((await alias()).FunctionVersion, second);
    assert.deepEqual(await shares(), {});
    assert.equal((await call("GET", "/health")).body.version, second);
  });

  it("is not taken to an image that is gone", async () => {
    const { releases } = await releasesOf(deployed);
    const { version, digest: imageDigest } = releases.functions.find(({ name }) => name === "api")!.versions.at(-1)!;
    const repositoryName = theTarget().functions.api!.name;
    await new ECRClient(theTarget().aws).send(
      new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest }] }),
    );

    await assert.rejects(
      rollBack(deployed, { args: [], options: { function: "api", to: version, yes: true } }),
      (error) => {
        assert.ok(error instanceof StepError, String(error));
        assert.match(
          error.reason,
          /^the image of version \d+ of api is not in its repository any more; nothing was changed\.$/,
        );
        return true;
      },
    );

    assert.deepEqual((await releasesOf(deployed)).releases, releases);
  });
});
