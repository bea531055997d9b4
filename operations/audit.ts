import * as path from "node:path";
import { npmCommand, probe } from "../local/commands";
import { StepError } from "../local/errors";
import { checkout } from "../local/folders";
import { main } from "../local/main";
import { step } from "../local/progress";
import { ensurePythonTools } from "../local/python-tools";
import { auditExceptions } from "./audit-exceptions";
import { type KnownVulnerability, npmFindings, pythonFindings, refusals } from "./audit-findings";

const help = `npm run audit: what is known to be vulnerable of the packages that the lock files name, npm's and Python's.

Fails for what is HIGH, CRITICAL or of no known severity, unless an entry of operations/audit-exceptions.ts lets it pass;
also if one of the registries does not tell.`;

/** Everything that is installed from Python's index: the images' packages with their tools, and the local system's. */
const pythonLocks = ["images/_dev/requirements.txt", "local/toolchain/python/requirements.txt"];

main(help, async () => {
  const answers = await Promise.allSettled([step("npm's packages", npm), step("Python's packages", python)]);
  const findings = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  for (const { severity, id, package: name, versions } of findings) {
    process.stdout.write(`${severity} ${id} in ${name}: ${versions}\n`);
  }
  const failures = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
  const reasons = failures.map((failure) => {
    if (!(failure instanceof StepError)) throw failure;
    return failure.reason;
  });
  const refused = failures.length > 0 ? [] : refusals(findings, auditExceptions, new Date().toISOString().slice(0, 10));
  if (failures[0] instanceof StepError) throw new StepError(reasons.join("\n"), failures[0].next);
  if (refused.length > 0) {
    throw new StepError(
      ["the packages are not fit to be used:", ...refused.map((line) => `  ${line}`)].join("\n"),
      "renew the package; or, if it cannot harm, let it pass in operations/audit-exceptions.ts.",
    );
  }
});

async function npm(): Promise<KnownVulnerability[]> {
  const [file, ...first] = npmCommand();
  const { stdout } = await probe(file, [...first, "audit", "--json"], { cwd: checkout });
  return npmFindings(stdout);
}

async function python(): Promise<KnownVulnerability[]> {
  const interpreter = await ensurePythonTools();
  const options = ["--format", "json", "--progress-spinner", "off", "--disable-pip"];
  const found: KnownVulnerability[] = [];
  // One at a time: two lock files may have a package in two versions.
  for (const file of pythonLocks) {
    const args = ["-m", "pip_audit", ...options, "--requirement", path.join(checkout, file)];
    const { stdout, all } = await probe(interpreter, args);
    found.push(...pythonFindings(stdout || all));
  }
  return found;
}
