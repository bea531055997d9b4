/** What stopped a step of the local stack: the step, the cause, and the next thing to do. */
export class StepError extends Error {
  override readonly name = "StepError";

  /**
   * @param cause what went wrong, in one sentence.
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
