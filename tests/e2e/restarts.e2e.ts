import * as assert from "assert/strict";
import { stopAwsPlugin } from "../../local/aws-plugin";
import { buildKit } from "../../local/builder";
import { run } from "../../local/commands";
import { dockerEngine } from "../../local/docker-engine";
import { awsEmulator } from "../../local/emulator";
import { isNeededByOthers, sharedFolder } from "../../local/leases";
import { stopModels } from "../../local/models";
import { print } from "../../local/progress";
import { stopDaemon } from "../../local/processes";
import { isSystemRunning } from "../../local/system";
import { checkpoints } from "./support/checkpoints";
import { containersOf, docker } from "./support/containers";
import { SeparateStart } from "./support/kills";
import { liftFaults, setFaults } from "./support/models";
import { deadLetters, queued, setVisibility, untilQueuesAreEmpty } from "./support/queues";
import { newStudent, removeStudents } from "./support/students";
import { instance, startAgain, theLocalTarget } from "./support/target";
import { ended, readItem, search, upload, uploadMany } from "./support/uploads";

const files = 24;

describe("a start after something of the system has ended", function () {
  this.timeout("20m");
  let token: string;
  let visibility: Awaited<ReturnType<typeof setVisibility>>;

  before(async () => {
    ({ accessToken: token } = await newStudent());
    visibility = await setVisibility(30);
  });

  after(async () => {
    await liftFaults();
    await visibility.restore();
    await removeStudents();
  });

  /** Ends something while files are at work, starts the system again, and holds that nothing was lost. */
  async function losesNothing(by: () => Promise<void>): Promise<void> {
    await liftFaults();
    const before = await upload(token, "notes.md");
    await untilQueuesAreEmpty(120);
    const passages = async (): Promise<unknown> =>
      (await search(token, "why do apples fall")).filter(({ item_id: id }) => id === before);
    const found = await passages();
    assert.notDeepEqual(found, []);
    // So that there is work of every kind when it ends.
    await setFaults("busy", [{ vendor: "anthropic", fault: "slow", seconds: 1 }]);
    const ids = await uploadMany(token, files, (number) => `The note ${number} of a restart.`);
    assert.notDeepEqual(await queued(), {}, "all is done already: the test would prove nothing");

    await by();
    await startAgain();
    print("       the system is back");

    await liftFaults();
    await untilQueuesAreEmpty(300);
    for (const id of [before, ...ids]) assert.equal((await readItem(token, id)).status, "ready", id);
    assert.deepEqual(await passages(), found);
    assert.deepEqual(await deadLetters(), {});
    const done = (await checkpoints()).filter(({ itemId }) => ids.includes(itemId));
    assert.deepEqual([done.length, new Set(done.map(({ status }) => status))], [3 * files, new Set(["COMPLETED"])]);
  }

  it("loses nothing by the end of the models' stand-ins", async () => {
    await losesNothing(async () => {
      assert.ok(await stopModels(instance), "there were none");
    });
  });

  it("loses nothing by the end of all containers, functions and database", async () => {
    await losesNothing(async () => {
      const containers = [...(await containersOf("lambda")), ...(await containersOf("rds"))];
      await docker("kill", ...containers);
    });
  });

  async function endDockerEngine(): Promise<void> {
    const others = await isNeededByOthers(dockerEngine, instance, isSystemRunning);
    assert.ok(!others, "other systems on this machine use the Docker engine: `npm stop` them first");
    if (await stopDaemon(sharedFolder(), dockerEngine)) return;
    const next = "restart the Docker engine by hand as this machine does it.";
    await run("systemctl", ["restart", "docker"], { next });
  }

  it("loses nothing by the end of the Docker engine", async () => {
    await losesNothing(endDockerEngine);
  });

  it("loses nothing by a restart of the AWS emulator", async () => {
    await losesNothing(async () => {
      assert.ok(await stopDaemon(instance, awsEmulator), "it did not run");
    });
  });

  it("loses nothing when all processes end at once, as in a restart of the machine", async () => {
    await losesNothing(async () => {
      const ended = await Promise.all([
        stopModels(instance),
        stopAwsPlugin(instance),
        stopDaemon(instance, awsEmulator),
        stopDaemon(sharedFolder(), buildKit),
        endDockerEngine(),
      ]);
      assert.deepEqual(ended, [true, true, true, true, undefined], "one of them did not run");
    });
  });

  it("begins with an empty system after the AWS emulator was killed, which saves nothing then, and says so", async () => {
    await removeStudents();
    assert.ok(await stopDaemon(instance, awsEmulator, "SIGKILL"), "it did not run");
    const started = new SeparateStart(instance, theLocalTarget().checkout);
    await started.untilEnd();

    assert.equal(started.exitCode, 0, started.output);
    assert.match(started.output, /the emulator has lost what it held: begins with an empty one/);
    await startAgain();
    ({ accessToken: token } = await newStudent());
    const id = await upload(token, "notes.md");
    assert.equal((await ended(token, id)).status, "ready");
  });
});
