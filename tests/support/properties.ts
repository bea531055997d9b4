import * as fc from "fast-check";

/** The same values each time, unless PROPERTY_SEED says otherwise; a failure names its seed. */
const seed = Number(process.env.PROPERTY_SEED ?? 20261126);

/** Holds a property against many values that fast-check makes up; a failure names the smallest value that it found. */
export function holds<T>(property: fc.IProperty<T>, numRuns = 300): void {
  fc.assert(property, { seed, numRuns });
}

/** {@link holds}, for a property that has to wait. */
export async function holdsInTime<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  await fc.assert(property, { seed, numRuns });
}

/** Any text, also of what few expect: quotes, line ends, other planes of Unicode, names of every object's members. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "`", "$", " ", "\n", "[", "]", ".", "a") }),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "", "null", "{}", "[]"),
);
