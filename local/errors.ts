/** What stopped a step of the local stack: the step, the cause, and the next thing to do. */
export class StepError extends Error {
  override readonly name = "StepError";

  /**
   * @param reason what went wrong, in one sentence; lines of output may follow it.
   * @param next what the reader does about it, in one sentence.
   * @param logFile where the whole output stands, if there is such a file.
   */
  constructor(
    readonly reason: string,
    readonly next: string,
    readonly logFile?: string,
  ) {
    super([reason, `Next: ${next}`, ...(logFile ? [`Log: ${logFile}`] : [])].join("\n"));
  }
}

const diskFull = /no space left on device|ENOSPC|EDQUOT|disk quota exceeded|not enough space on the disk/i;

/** What the reader does when a disk is full. */
export const freeDiskSpace = "free some disk space, then run the command again: it goes on from here.";

/** What programs (pip, go, apt-get, debootstrap, BuildKit) print when the network or a registry does not answer. */
const unreachable = new RegExp(
  [
    "could not resolve|failure (?:in name resolution|resolving)|name or service not known|no such host",
    "connection (?:refused|reset|timed out)|network is unreachable|no route to host|could not connect|dial tcp",
    "i/o timeout|read timed out|TLS handshake timeout|certificate verify failed|x509: |max retries exceeded",
    "failed to fetch|failed getting release file|module lookup disabled|proxyconnect|proxy error",
  ].join("|"),
  "i",
);

/**
 * What the reader does about a failure, as far as its output tells.
 *
 * @param output what the failed program printed.
 * @param otherwise what to do where the output does not name a known cause.
 * @param source what the program downloads from; undefined where a refused connection has another meaning.
 */
export function remedy(output: string, otherwise: string, source?: string): string {
  if (diskFull.test(output)) return freeDiskSpace;
  if (source !== undefined && unreachable.test(output)) {
    return `look at the network and at ${source}, then run the command again: it goes on from here.`;
  }
  return otherwise;
}

/**
 * An error of the file system as a `StepError`; anything else as it is.
 *
 * @param error what an action threw.
 */
export function explained(error: unknown): unknown {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || error instanceof StepError) return error;
  const refused = ["EACCES", "EPERM", "EROFS"].includes(code);
  if (!refused && !diskFull.test(code)) return error;
  return new StepError(`${message}.`, remedy(code, `make ${path ?? "it"} writable, then run the command again.`));
}
