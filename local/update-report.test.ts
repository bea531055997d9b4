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
    const denied = { severity: "error", message: "creating bucket: access denied:\n", urn: bucket };
    const logged = { ...denied, message: "[ERROR] : creating bucket: access denied\n" };

    const report = reportOn([logged, denied, denied, { severity: "error", message: "update failed\n" }]);

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
      printed("#7 ..."),
      printed("#8 [internal] load build context"),
      printed("#7 [build 2/2] RUN ls /nowhere"),
      printed("#7 0.1 ls: cannot access '/nowhere'"),
      printed('#7 ERROR: process "ls" did not complete successfully: exit code: 2'),
      // What the first build of an image says of its cache, before or after the failing step.
      printed("#4 importing cache manifest from localhost:4566/api-cache:cache"),
      printed("#4 ERROR: failed to configure registry cache importer: localhost:4566/api-cache:cache: not found"),
      { severity: "error", message: 'failed to solve: process "ls" did not complete successfully\n', urn: image },
    ]);

    assert.deepEqual(report.cause().split("\n"), [
      "api: the image's build failed at [build 2/2] RUN ls /nowhere: exit code: 2",
      "    0.1 ls: cannot access '/nowhere'",
    ]);
  });

  it("says why a build step failed that runs no command", () => {
    const report = reportOn([
      printed("#9 [build 3/5] COPY nothing /there"),
      printed('#9 ERROR: failed to calculate checksum: "/nothing": not found'),
      { severity: "error", message: "failed to solve: failed to compute cache key", urn: image },
    ]);

    assert.equal(
      report.cause(),
      'api: the image\'s build failed at [build 3/5] COPY nothing /there: failed to calculate checksum: "/nothing": not found',
    );
  });

  it("shows the beginning of a long command and the end of what it printed", () => {
    const report = reportOn([
      printed(`#7 RUN python -m pip install ${" ".repeat(9)}${"x".repeat(500)}`),
      ...Array.from({ length: 50 }, (_, index) => printed(`#7 ${index}`)),
      printed('#7 ERROR: process "pip" did not complete successfully: exit code: 1'),
      { severity: "error", message: "failed to solve", urn: image },
    ]);

    const [cause, ...lines] = report.cause().split("\n");
    assert.match(cause!, /^api: the image's build failed at RUN python -m pip install x{94}…: exit code: 1$/);
    assert.deepEqual([lines.length, lines[0], lines.at(-1)], [12, "    38", "    49"]);
  });

  it("keeps everything but the engine's own debug output for the log", () => {
    const report = reportOn([
      { severity: "debug", message: "RegisterResource RPC prepared" },
      { severity: "warning", message: "this will be an error\n", urn: bucket },
    ]);

    assert.deepEqual(report.log, ["warning uploads: this will be an error"]);
  });

  it("says which controls are broken, each once, and nothing of those that only advise", () => {
    const report = new UpdateReport();
    const said = (enforcementLevel: string, message: string): EngineEvent =>
      ({ sequence: 0, timestamp: 0, policyEvent: { enforcementLevel, message } }) as EngineEvent;

    report.onEvent(said("mandatory", "Images are scanned.\nECR.1, api: It is not.\n"));
    report.onEvent(said("mandatory", "Images are scanned.\nECR.1, api: It is not.\n"));
    report.onEvent(said("advisory", "It could be better."));

    assert.equal(report.violations()?.reason, "controls are broken; nothing was changed.\nECR.1, api: It is not.");
  });

  it("knows of no broken control where no policy said anything", () => {
    assert.equal(reportOn([]).violations(), undefined);
  });
});
