/** Policy documents of IAM and of resources, read. */

/** One statement, its lists always lists. */
export interface Statement {
  readonly sid: string | undefined;
  readonly allows: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** AWS accounts, roles and users, `*` being everyone; no services. */
  readonly principals: readonly string[];
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

interface Written {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: unknown;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Statement["condition"];
}

/** The statements of a document, given as JSON or as what that says. What is said by "not" counts as everything. */
export function statementsOf(document: unknown): Statement[] {
  const read = (typeof document === "string" ? JSON.parse(document) : document) as {
    readonly Statement: Written | readonly Written[];
  };
  return [read.Statement].flat().map((statement) => ({
    sid: statement.Sid,
    allows: statement.Effect === "Allow",
    actions: statement.NotAction === undefined ? list(statement.Action) : ["*"],
    resources: statement.NotResource === undefined ? list(statement.Resource) : ["*"],
    principals: statement.NotPrincipal === undefined ? principals(statement.Principal) : ["*"],
    condition: statement.Condition,
  }));
}

function principals(written: Written["Principal"]): readonly string[] {
  return typeof written === "object" ? list(written.AWS) : list(written);
}

function list(written: string | readonly string[] | undefined): readonly string[] {
  return written === undefined ? [] : [written].flat();
}

/** Whether a statement's action, which may hold `*`, covers one. */
export function covers(action: string, one: string): boolean {
  const pattern = action
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "i").test(one);
}
