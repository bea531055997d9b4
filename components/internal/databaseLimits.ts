/** How many connections and how much disk a database has, and how much of it may be used before somebody is told. */

/** Of all connections: the rest is for those who look into it. */
export const shareOfConnections = 0.8;

/**
 * Of the disk: what must stay free, since RDS advises to look at a disk that is 85 % full
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_BestPractices.html).
 */
export const shareOfStorage = 0.15;

const gibibyte = 2 ** 30;

/**
 * About what the operating system and RDS keep of a machine's memory, whatever its size. RDS tells nobody
 * (`DBInstanceClassMemory` in https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html).
 */
const reservedBytes = gibibyte / 4;

/** Memory of size `large` in gibibytes, by the family's first letter: burstable, general, for memory, for computing. */
const gibibytesOfLarge: Readonly<Record<string, number>> = { t: 8, m: 8, r: 16, x: 32, z: 16, c: 4 };

/** Sizes below `xlarge`, of which `2xlarge`, `4xlarge` and so on are multiples, in `large`s. */
const sizes: Readonly<Record<string, number>> = { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1, xlarge: 2 };

/**
 * What a database allows: `PostgresDatabase` sets as many connections, so that its alarm knows how many there are.
 *
 * @param instanceClass such as `db.t4g.micro`; one of a family or size that is not known counts as that one, so that its
 *   memory is enough
 * @param storageGigabytes size of the disk
 */
export function databaseLimits({
  instanceClass,
  storageGigabytes,
}: {
  readonly instanceClass: string;
  readonly storageGigabytes: number;
}): { readonly maxConnections: number; readonly storageBytes: number } {
  return {
    // As RDS does by default: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
    maxConnections: Math.min(Math.floor((memoryBytes(instanceClass) - reservedBytes) / 9531392), 5000),
    storageBytes: storageGigabytes * gibibyte,
  };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
function memoryBytes(instanceClass: string): number {
  const [, family = "", size = ""] = instanceClass.split(".");
  const multiple = /^([1-9]\d*)xlarge$/.exec(size)?.[1];
  const larges = multiple !== undefined ? 2 * Number(multiple) : Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  const ofLarge = gibibytesOfLarge[family.charAt(0)];
  return ofLarge === undefined || larges === undefined ? gibibyte : ofLarge * larges * gibibyte;
}
