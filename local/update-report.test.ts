import * as assert from "assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { UpdateReport } from "./update-report";

const image = "urn:pulumi:local::student-helper::docker-build:index:Image::api";
const bucket = "urn:pulumi:local::student-helper::aws:s3/bucket:Bucket::uploads";

/** The report on an update during which the engine said these things. */
function reportOn(
  messages: readonly { severity: string; message: string; urn?: string; ephemeral?: boolean }[],
): UpdateReport {
  const report = new UpdateReport();
  messages.forEach((message, sequence) =>
    report.onEvent({ sequence, timestamp: 0, diagnosticEvent: { color: "never", ...message } } as EngineEvent),
  );
  return report;
}

const printed = (message: string): { severity: string; message: string; urn: string; ephemeral: boolean } => ({
  severity: "info",
  message: `${message}\n`,
  urn: image,
  ephemeral: true,
});

describe("the report on an update", () => {
  it("names each cause once, with its resource", () => {
    const denied = { severity: "error", message: "creating bucket: access denied\n", urn: bucket };

    const report = reportOn([denied, denied, { severity: "error", message: "update failed\n" }]);

    assert.equal(report.cause(), "uploads: creating bucket: access denied");
  });

  it("says that the update failed where nothing else is known", () => {
    assert.equal(reportOn([{ severity: "error", message: "update failed\n" }]).cause(), "update failed");
  });

  it("shows what the failing step of an image build printed, and no other step", () => {
    const report = reportOn([
      printed("#6 [build 1/2] RUN pip install"),
      printed("#6 1.0 ok"),
      printed("#6 DONE 1.0s"),
      printed("#7 [build 2/2] RUN ls /nowhere"),
      printed("#7 0.1 ls: cannot access '/nowhere'"),
      printed('#7 ERROR: process "ls" did not complete successfully: exit code: 2'),
      { severity: "error", message: 'failed to solve: process "ls" did not complete successfully\n', urn: image },
    ]);

    assert.deepEqual(report.cause().split("\n"), [
      'api: failed to solve: process "ls" did not complete successfully',
      "    #7 [build 2/2] RUN ls /nowhere",
      "    #7 0.1 ls: cannot access '/nowhere'",
      '    #7 ERROR: process "ls" did not complete successfully: exit code: 2',
    ]);
  });

  it("shows the end of a long build step", () => {
    const lines = Array.from({ length: 50 }, (_, index) => printed(`#7 ${index}`));

    const report = reportOn([
      ...lines,
      printed("#7 ERROR: failed"),
      { severity: "error", message: "failed to solve", urn: image },
    ]);

    const shown = report.cause().split("\n").slice(1);
    assert.deepEqual([shown.length, shown[0], shown.at(-1)], [20, "    #7 31", "    #7 ERROR: failed"]);
  });

  it("keeps everything but the engine's own debug output for the log", () => {
    const report = reportOn([
      { severity: "debug", message: "RegisterResource RPC prepared" },
      { severity: "warning", message: "this will be an error\n", urn: bucket },
    ]);

    assert.deepEqual(report.log, ["warning uploads: this will be an error"]);
  });
});
