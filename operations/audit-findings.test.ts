import * as assert from "node:assert/strict";
import { StepError } from "../local/errors";
import type { AuditException } from "./audit-exceptions";
import { type KnownVulnerability, npmFindings, pythonFindings, refusals } from "./audit-findings";

const advisory = {
  source: 1094544,
  name: "semver",
  dependency: "semver",
  title: "semver vulnerable to Regular Expression Denial of Service",
  url: "https://github.com/advisories/GHSA-c2qf-rxjj-qqgw",
  severity: "high",
  cwe: ["CWE-1333"],
  cvss: { score: 7.5, vectorString: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
  range: ">=7.0.0 <7.5.2",
};

/** As npm 10 prints it: what depends on a vulnerable package is named, too. */
const npmReport = {
  auditReportVersion: 2,
  vulnerabilities: {
    semver: { name: "semver", severity: "high", isDirect: false, via: [advisory], nodes: ["node_modules/semver"] },
    nodemon: { name: "nodemon", severity: "high", isDirect: true, via: ["semver", advisory], nodes: [] },
  },
  metadata: { vulnerabilities: { high: 2, total: 2 } },
};

const high: KnownVulnerability = {
  id: "GHSA-c2qf-rxjj-qqgw",
  package: "semver",
  severity: "HIGH",
  versions: "affects >=7.0.0 <7.5.2",
};

const unknown: KnownVulnerability = {
  id: "PYSEC-2023-192",
  package: "urllib3",
  severity: "UNKNOWN",
  versions: "1.26.5 has it; 1.26.17, 2.0.6 has not",
};

const sound = { name: "idna", version: "3.10", vulns: [] };
const pythonReport = {
  dependencies: [
    sound,
    {
      name: "urllib3",
      version: "1.26.5",
      vulns: [
        { id: "PYSEC-2023-192", fix_versions: ["1.26.17", "2.0.6"], aliases: ["CVE-2023-43804"], description: "" },
      ],
    },
  ],
  fixes: [],
};

function failure(action: () => unknown): StepError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}

describe("known vulnerabilities", () => {
  it("of npm's packages are told once each", () => {
    assert.deepEqual(npmFindings(JSON.stringify(npmReport)), [high]);
    assert.deepEqual(npmFindings('{"auditReportVersion":2,"vulnerabilities":{}}'), []);
  });

  it("of Python's packages are told with what mends them", () => {
    assert.deepEqual(pythonFindings(JSON.stringify(pythonReport)), [unknown]);
    assert.deepEqual(pythonFindings(JSON.stringify({ dependencies: [sound], fixes: [] })), []);
  });

  const refusal = "405 Method Not Allowed - POST https://npm.example.org/-/npm/v1/security/advisories/bulk";
  for (const [what, output, reason] of [
    ["a registry that has no such service", JSON.stringify({ message: refusal, statusCode: 405 }), refusal],
    ["no answer", "", "no answer"],
    ["something else", "{}", "{}"],
    ["an answer of another form", '{"vulnerabilities":[]}', '{"vulnerabilities":[]}'],
  ] as const) {
    it(`are not taken for none where npm gets ${what}`, () => {
      assert.equal(failure(() => npmFindings(output)).reason, `npm was not told what is vulnerable: ${reason}.`);
    });
  }

  it("are not taken for none where the index does not know a package", () => {
    const skip = "Dependency not found on PyPI and could not be audited: mypy (1.0)";
    const report = { dependencies: [sound, { name: "mypy", skip_reason: skip }], fixes: [] };

    const { reason } = failure(() => pythonFindings(JSON.stringify(report)));

    assert.equal(reason, `pip-audit was not told what is vulnerable: 1 of 2 packages: ${skip}.`);
  });

  it("are not taken for none where pip-audit ends with an error", () => {
    const { reason } = failure(() => pythonFindings("\nERROR:pip_audit._cli:no network\nmore\n"));

    assert.equal(reason, "pip-audit was not told what is vulnerable: ERROR:pip_audit._cli:no network.");
  });

  const today = "2026-11-26";
  const exception = (finding: KnownVulnerability, until: string): AuditException => ({
    id: finding.id,
    package: finding.package,
    reason: "No pattern comes from outside.",
    until,
  });

  it("are refused if they are grave, or if nobody says how grave they are", () => {
    const critical = { ...high, id: "GHSA-1", severity: "CRITICAL" };
    const harmless = ["INFO", "LOW", "MODERATE"].map((severity) => ({ ...high, severity }));

    assert.deepEqual(refusals([high, critical, unknown, ...harmless], [], today), [
      "HIGH GHSA-c2qf-rxjj-qqgw in semver: affects >=7.0.0 <7.5.2",
      "CRITICAL GHSA-1 in semver: affects >=7.0.0 <7.5.2",
      "UNKNOWN PYSEC-2023-192 in urllib3: 1.26.5 has it; 1.26.17, 2.0.6 has not",
    ]);
    assert.deepEqual(refusals(harmless, [], today), []);
  });

  it("are let pass by an exception of their own until its last day", () => {
    assert.deepEqual(refusals([high], [exception(high, today)], today), []);
    assert.deepEqual(refusals([high], [exception(high, "2026-11-25")], today), [
      "the exception of GHSA-c2qf-rxjj-qqgw in semver ended on 2026-11-25",
    ]);
    assert.deepEqual(refusals([high], [exception({ ...high, package: "other" }, today)], today), [
      "HIGH GHSA-c2qf-rxjj-qqgw in semver: affects >=7.0.0 <7.5.2",
      "nothing needs the exception of GHSA-c2qf-rxjj-qqgw in other",
    ]);
  });
});
