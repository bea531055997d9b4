/** What is known to be vulnerable of the packages that the lock files name. */
import { z } from "zod";
import { StepError } from "../local/errors";
import type { AuditException } from "./audit-exceptions";

/** A vulnerability of a package. */
export interface KnownVulnerability {
  readonly id: string;
  readonly package: string;
  /** In capitals; UNKNOWN where the service has none. */
  readonly severity: string;
  /** What is affected, or what mends it. */
  readonly versions: string;
}

/** Those that are let pass without an exception. */
const harmless: readonly string[] = ["INFO", "LOW", "MODERATE"];

const npmReport = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      // A name stands for the vulnerability of another package, which has an entry of its own.
      via: z.array(
        z.union([z.string(), z.object({ name: z.string(), url: z.string(), severity: z.string(), range: z.string() })]),
      ),
    }),
  ),
});

/**
 * What `npm audit --json` has found.
 *
 * @throws StepError when its registry does not tell
 */
export function npmFindings(output: string): KnownVulnerability[] {
  const report = npmReport.safeParse(json(output));
  if (!report.success) throw unanswered("npm", output);
  const all = Object.values(report.data.vulnerabilities)
    .flatMap(({ via }) => via.filter((entry) => typeof entry !== "string"))
    .map(({ name, url, severity, range }) => ({
      id: url.split("/").at(-1) ?? url,
      package: name,
      severity: severity.toUpperCase(),
      versions: `affects ${range}`,
    }));
  return [...new Map(all.map((finding) => [`${finding.id} ${finding.package}`, finding])).values()];
}

const pythonReport = z.object({
  dependencies: z.array(
    z.union([
      z.object({
        name: z.string(),
        version: z.string(),
        vulns: z.array(z.object({ id: z.string(), fix_versions: z.array(z.string()) })),
      }),
      z.object({ name: z.string(), skip_reason: z.string() }),
    ]),
  ),
});

/**
 * What `pip-audit --format json` has found; the Python package index tells no severity.
 *
 * @throws StepError when the index does not tell, be it about one package
 */
export function pythonFindings(output: string): KnownVulnerability[] {
  const report = pythonReport.safeParse(json(output));
  if (!report.success) throw unanswered("pip-audit", output);
  const { dependencies } = report.data;
  // What the index does not know, pip-audit leaves out.
  const skipped = dependencies.filter((entry) => "skip_reason" in entry);
  if (skipped.length > 0) {
    const [first] = skipped;
    throw unanswered("pip-audit", `${skipped.length} of ${dependencies.length} packages: ${first!.skip_reason}`);
  }
  return dependencies.flatMap((entry) =>
    "vulns" in entry
      ? entry.vulns.map((vulnerability) => ({
          id: vulnerability.id,
          package: entry.name,
          severity: "UNKNOWN",
          versions: `${entry.version} has it; ${vulnerability.fix_versions.join(", ") || "no version"} has not`,
        }))
      : [],
  );
}

/**
 * Why the packages are not fit, a line each: grave vulnerabilities, and exceptions that have ended or that nothing needs.
 *
 * @param today as an ISO date: an exception holds on its last day, and not after it
 */
export function refusals(
  findings: readonly KnownVulnerability[],
  exceptions: readonly AuditException[],
  today: string,
): string[] {
  const isOf = (finding: KnownVulnerability, exception: AuditException): boolean =>
    exception.id === finding.id && exception.package === finding.package;
  const grave = findings.filter((finding) => !harmless.includes(finding.severity));
  return [
    ...grave
      .filter((finding) => !exceptions.some((exception) => isOf(finding, exception)))
      .map((finding) => `${finding.severity} ${finding.id} in ${finding.package}: ${finding.versions}`),
    ...exceptions
      .filter(({ until }) => until < today)
      .map((exception) => `the exception of ${exception.id} in ${exception.package} ended on ${exception.until}`),
    ...exceptions
      .filter((exception) => !grave.some((finding) => isOf(finding, exception)))
      .map((exception) => `nothing needs the exception of ${exception.id} in ${exception.package}`),
  ];
}

function json(output: string): unknown {
  try {
    return JSON.parse(output) as unknown;
  } catch {
    return undefined;
  }
}

function unanswered(asker: string, output: string): StepError {
  const said = z.object({ message: z.string() }).safeParse(json(output)).data?.message ?? output;
  const [line = ""] = said.split("\n").filter((text) => text.trim() !== "");
  return new StepError(
    `${asker} was not told what is vulnerable: ${line || "no answer"}.`,
    "nothing is known of the packages then. Run the command where the registry has this service: npm's own and PyPI do; " +
      "many mirrors do not.",
  );
}
