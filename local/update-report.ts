import type { DiagnosticEvent, EngineEvent } from "@pulumi/pulumi/automation";
import { StepError } from "./errors";
import { print } from "./progress";

/** How much of a failed image build is repeated: its step's beginning, in characters, and its last lines. */
const titleLength = 120;
const buildLines = 12;

/** What the engine reports while it updates a stack, or previews that: shown as it comes, kept for the log and for a failure's cause. */
export class UpdateReport {
  /** Everything that the engine said, for the log. */
  readonly log: string[] = [];
  private readonly errors: DiagnosticEvent[] = [];
  /** What policies say, each once. */
  private readonly broken = new Set<string>();
  /** What image builds print, by the image's URN. */
  private readonly builds = new Map<string, string[]>();

  /** Takes an event of the engine. */
  readonly onEvent = ({ diagnosticEvent, resOutputsEvent, resOpFailedEvent, policyEvent }: EngineEvent): void => {
    if (resOutputsEvent && resOutputsEvent.metadata.op !== "same") {
      const { op, type, urn } = resOutputsEvent.metadata;
      this.show(`${op} ${type} ${nameOf(urn)}`);
    }
    if (resOpFailedEvent) this.show(`failed: ${resOpFailedEvent.metadata.op} ${resOpFailedEvent.metadata.type}`);
    if (policyEvent?.enforcementLevel === "mandatory") {
      // Pulumi puts the policy's description in front of what the policy reports.
      this.broken.add(policyEvent.message.trimEnd().split("\n").slice(1).join("\n"));
    }
    // The engine's own debug output comes, too, which the type does not tell.
    if (!diagnosticEvent || (diagnosticEvent.severity as string) === "debug") return;
    const { severity, urn = "", message } = diagnosticEvent;
    this.log.push(`${severity} ${nameOf(urn)}: ${message.trimEnd()}`);
    if (severity === "error") this.errors.push(diagnosticEvent);
    if (diagnosticEvent.ephemeral) this.builds.set(urn, [...(this.builds.get(urn) ?? []), message.trimEnd()]);
  };

  /** What policies stopped the update for; undefined where none did. */
  violations(): StepError | undefined {
    if (this.broken.size === 0) return undefined;
    const next = "keep the control, or let it pass for a while, with a reason, in policies/suppressions.ts.";
    return new StepError(["controls are broken; nothing was changed.", ...this.broken].join("\n"), next);
  }

  /** Why the update failed: each cause once, a failed image build with the end of what its step printed. */
  cause(): string {
    const causes = this.errors.map(({ urn, message }) => {
      // The AWS plugin reports an error in its log as well, with a mark in front.
      const cause = (urn && this.failedBuild(urn)) || message.replace(/^\[ERROR\] (?:: )?/, "").replace(/:?\s*$/, "");
      return urn ? `${nameOf(urn)}: ${cause}` : cause;
    });
    const named = causes.filter((cause) => cause !== "update failed");
    return [...new Set(named.length > 0 ? named : causes)].join("\n");
  }

  /** The step at which an image's build failed, and what it printed; BuildKit numbers each step's lines: `#7 …`. */
  private failedBuild(urn: string): string | undefined {
    const all = this.builds.get(urn) ?? [];
    // A cache that is not there yet is reported like a failed step, at any time, and fails nothing.
    const caches = new Set(all.flatMap((line) => /^(#\d+) (?:im|ex)porting cache /.exec(line)?.[1] ?? []));
    const lines = all.filter((line) => !caches.has(line.split(" ", 1)[0]!));
    const [, number, error] = lines.map((line) => /^(#\d+) ERROR: (.*)$/.exec(line)).findLast((match) => match) ?? [];
    if (number === undefined || error === undefined) return undefined;
    const [title = "", ...printed] = lines
      .filter((line) => line.startsWith(`${number} `) && !line.startsWith(`${number} ERROR: `))
      .map((line) => line.slice(number.length + 1))
      // Steps run side by side: one that goes on after another one printed repeats its title.
      .filter((line, index, own) => index === 0 || (line !== own[0] && line !== "..."));
    // The error of a step that runs a command repeats the command.
    const reason = /exit code: \d+$/.exec(error)?.[0] ?? error;
    const step = title.replace(/\s+/g, " ");
    const shown = step.length > titleLength ? `${step.slice(0, titleLength)}…` : step;
    return [
      `the image's build failed at ${shown}: ${reason}`,
      ...printed.slice(-buildLines).map((line) => `    ${line}`),
    ].join("\n");
  }

  private show(line: string): void {
    this.log.push(line);
    print(`       ${line}`);
  }
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
