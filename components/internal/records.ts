/** A record with the same keys and other values. */
export function mapRecord<K extends string, V, R>(
  record: Readonly<Record<K, V>>,
  map: (value: V, key: K) => R,
): Record<K, R> {
  const entries = (Object.keys(record) as K[]).map((key) => [key, map(record[key], key)]);
  return Object.fromEntries(entries) as Record<K, R>;
}

/** The same for those entries that become something. */
export function mapDefined<K extends string, V, R>(
  record: Readonly<Record<K, V>>,
  map: (value: V, key: K) => R | undefined,
): Partial<Record<K, R>> {
  const entries = Object.entries(mapRecord(record, map)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<K, R>>;
}
