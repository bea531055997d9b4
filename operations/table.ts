/** Rows of text under each other, each column as wide as it must be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** An image's digest, as long as it takes to tell it from others. */
export const shortDigest = (digest: string): string => digest.slice(0, "sha256:".length + 12);

/** A time, to the second. */
export const timeOf = (date: Date): string => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
