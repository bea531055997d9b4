import type { DiagnosticEvent, EngineEvent } from "@pulumi/pulumi/automation";
import { print } from "./progress";

/** How much of a failed image build is repeated: its last lines. */
const buildLines = 20;

/** What the engine reports while it updates a stack: shown as it comes, kept for the log and for a failure's cause. */
export class UpdateReport {
  /** Everything that the engine said, for the log. */
  readonly log: string[] = [];
  private readonly errors: DiagnosticEvent[] = [];
  /** What image builds print, by the image's URN. */
  private readonly builds = new Map<string, string[]>();

  /** Takes an event of the engine. */
  readonly onEvent = ({ diagnosticEvent, resOutputsEvent, resOpFailedEvent }: EngineEvent): void => {
    if (resOutputsEvent && !resOutputsEvent.planning && resOutputsEvent.metadata.op !== "same") {
      const { op, type, urn } = resOutputsEvent.metadata;
      this.show(`${op} ${type} ${nameOf(urn)}`);
    }
    if (resOpFailedEvent) this.show(`failed: ${resOpFailedEvent.metadata.op} ${resOpFailedEvent.metadata.type}`);
    // The engine's own debug output comes, too, which the type does not tell.
    if (!diagnosticEvent || (diagnosticEvent.severity as string) === "debug") return;
    const { severity, urn = "", message } = diagnosticEvent;
    this.log.push(`${severity} ${nameOf(urn)}: ${message.trimEnd()}`);
    if (severity === "error") this.errors.push(diagnosticEvent);
    if (diagnosticEvent.ephemeral) this.builds.set(urn, [...(this.builds.get(urn) ?? []), message.trimEnd()]);
  };

  /** Why the update failed: each cause once, a failed image build with the end of what it printed. */
  cause(): string {
    const causes = this.errors.map(({ urn, message }) => {
      const cause = urn ? `${nameOf(urn)}: ${message.trim()}` : message.trim();
      return [cause, ...this.failedBuildStep(urn).map((line) => `    ${line}`)].join("\n");
    });
    const named = causes.filter((cause) => !/^update failed$/.test(cause));
    return [...new Set(named.length > 0 ? named : causes)].join("\n");
  }

  /** The lines of the build step that failed, as BuildKit numbers them: `#7 …`. */
  private failedBuildStep(urn = ""): string[] {
    const lines = this.builds.get(urn) ?? [];
    const failed = lines.map((line) => /^(#\d+) ERROR:/.exec(line)?.[1]).findLast((step) => step !== undefined);
    return failed ? lines.filter((line) => line.startsWith(`${failed} `)).slice(-buildLines) : [];
  }

  private show(line: string): void {
    this.log.push(line);
    print(`       ${line}`);
  }
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
