/** Findings of image scans that are let pass for now. */

/** Leave to run with one vulnerability until a day. */
export interface ScanException {
  /** As the scan names it, for example `CVE-2026-1234`. */
  readonly id: string;
  /** The package that it is in. */
  readonly package: string;
  /** Why, in a sentence. */
  readonly reason: string;
  /** The last day, as an ISO date: then it is to be decided anew. */
  readonly until: string;
}

export const scanExceptions: readonly ScanException[] = [];
