/** Known vulnerabilities of packages that are let pass for now. */

/** Leave to use a package with one vulnerability until a day. */
export interface AuditException {
  /** As `npm run audit` names it, for example `GHSA-xxxx-xxxx-xxxx` or `PYSEC-2026-1`. */
  readonly id: string;
  /** The package that it is in. */
  readonly package: string;
  /** Why, in a sentence. */
  readonly reason: string;
  /** The last day, as an ISO date: then it is to be decided anew. */
  readonly until: string;
}

export const auditExceptions: readonly AuditException[] = [];
