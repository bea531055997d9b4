import * as assert from "node:assert/strict";
import type { DescribeImageScanFindingsResponse, ECRClient } from "@aws-sdk/client-ecr";
import type { Image } from "./images";
import type { ScanException } from "./scan-exceptions";
import { type Finding, findingsOf, refusedFindings, severityTable } from "./scan-findings";

const digest = `sha256:${"d".repeat(64)}`;
const image: Image = {
  uri: `registry/student-helper-prod-api@${digest}`,
  repository: "student-helper-prod-api",
  digest,
};
const patience = { seconds: 1, pollSeconds: 0 };
const serious: Finding = {
  id: "CVE-2026-1",
  severity: "CRITICAL",
  package: "openssl",
  version: "3.0.1",
  fixedIn: "3.0.2",
};
const harmless: Finding = { id: "CVE-2026-2", severity: "LOW", package: "zlib", version: "1.3", fixedIn: undefined };

/** A client that gives these answers, one after the other, and notes what it was asked. */
function ecrWith(...answers: readonly (DescribeImageScanFindingsResponse | Error)[]): {
  client: ECRClient;
  asked: unknown[];
} {
  const asked: unknown[] = [];
  const left = [...answers];
  const send = ({ input }: { input: unknown }): Promise<unknown> => {
    asked.push(input);
    const answer = left.length > 1 ? left.shift() : left[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { client: { send } as unknown as ECRClient, asked };
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

describe("the findings of a scan", () => {
  it("are those of all pages, of basic scans and of Inspector's, which were not closed", async () => {
    const { client, asked } = ecrWith(
      {
        imageScanStatus: { status: "COMPLETE" },
        nextToken: "2",
        imageScanFindings: {
          findings: [
            {
              name: "CVE-2026-2",
              severity: "LOW",
              attributes: [
                { key: "package_name", value: "zlib" },
                { key: "package_version", value: "1.3" },
              ],
            },
          ],
        },
      },
      {
        imageScanStatus: { status: "COMPLETE" },
        imageScanFindings: {
          enhancedFindings: [
            {
              severity: "CRITICAL",
              status: "ACTIVE",
              packageVulnerabilityDetails: {
                vulnerabilityId: "CVE-2026-1",
                vulnerablePackages: [{ name: "openssl", version: "3.0.1", fixedInVersion: "3.0.2" }],
              },
            },
            {
              severity: "HIGH",
              status: "CLOSED",
              packageVulnerabilityDetails: { vulnerablePackages: [{ name: "x" }] },
            },
          ],
        },
      },
    );

    const findings = await findingsOf(client, image, patience);

    assert.deepEqual(findings, [harmless, serious]);
    const about = { repositoryName: "student-helper-prod-api", imageId: { imageDigest: digest } };
    assert.deepEqual(asked, [
      { ...about, nextToken: undefined },
      { ...about, nextToken: "2" },
    ]);
  });

  it("are waited for", async () => {
    const { client, asked } = ecrWith(
      { imageScanStatus: { status: "PENDING" } },
      { imageScanStatus: { status: "IN_PROGRESS" } },
      { imageScanStatus: { status: "COMPLETE" }, imageScanFindings: {} },
    );

    assert.deepEqual(await findingsOf(client, image, patience), []);
    assert.equal(asked.length, 3);
  });

  const scan = `scan it: aws ecr start-image-scan --repository-name student-helper-prod-api --image-id imageDigest=${digest}`;
  for (const [what, answer, reason, next] of [
    ["a scan that never was", named("ScanNotFoundException"), "it was never scanned.", scan],
    [
      "a scan that failed",
      { imageScanStatus: { status: "FAILED", description: "(unsupported)" } },
      "its scan ended with FAILED (unsupported).",
      scan,
    ],
    [
      "a scan without an end",
      { imageScanStatus: { status: "IN_PROGRESS" } },
      "its scan still runs after 0 s.",
      "run the command again later.",
    ],
  ] as const) {
    it(`are not there for ${what}, which says what to do`, async () => {
      const { client } = ecrWith(answer);

      await assert.rejects(findingsOf(client, image, { seconds: 0, pollSeconds: 0.01 }), { reason, next });
    });
  }
});

describe("the gate before prod", () => {
  const images = [{ ...image, findings: [serious, harmless, { ...serious, severity: "HIGH", fixedIn: undefined }] }];
  const exception: ScanException = { id: "CVE-2026-1", package: "openssl", reason: "Not called.", until: "2026-12-31" };

  it("names what is serious, with package, version and fix", () => {
    const lines = refusedFindings(images, [], "2026-12-31");

    assert.deepEqual(lines, [
      "CRITICAL CVE-2026-1 in student-helper-prod-api: openssl 3.0.1, fixed in 3.0.2",
      "HIGH CVE-2026-1 in student-helper-prod-api: openssl 3.0.1, no fix is known",
    ]);
  });

  it("lets an exception pass until its last day, for its package alone", () => {
    assert.deepEqual(refusedFindings(images, [exception], "2026-12-31"), []);
    assert.equal(refusedFindings(images, [exception], "2027-01-01").length, 2);
    assert.equal(refusedFindings(images, [{ ...exception, package: "zlib" }], "2026-12-31").length, 2);
  });

  it("shows how many findings there are of each severity", () => {
    assert.equal(
      severityTable(images),
      [
        "image                    CRITICAL  HIGH  MEDIUM  LOW  INFORMATIONAL  UNDEFINED",
        "student-helper-prod-api         1     1       0    1              0          0",
      ].join("\n"),
    );
  });
});
