/**
 * Rows of text under each other, each column as wide as it must be.
 *
 * @param numbers whether all columns but the first are numbers, which end where their column does
 */
export function table(rows: readonly (readonly string[])[], numbers = false): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return numbers && column > 0 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** An image's digest, as long as it takes to tell it from others. */
export const shortDigest = (digest: string): string => digest.slice(0, "sha256:".length + 12);

/** A time, to the second. */
export const timeOf = (date: Date): string => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
