/** What a benchmark found out, and whether that is good enough. */

/** Values that were measured, in the order in which they came. */
export interface Series {
  /** For example `buildctl, push and UpdateFunctionCode by hand`. */
  readonly what: string;
  readonly values: readonly number[];
}

/** A figure, and beside it the least that it could be, if the same run measures that. */
export interface Figure extends Series {
  readonly unit: "s" | "%" | "MiB" | "";
  /** The least that it could be; unset where nothing is measured that it could be held against. */
  readonly floor?: Series;
  readonly goal: Goal;
  /** Which of the values counts; unset: the median. */
  readonly percentile?: number;
}

/** What a figure may be: each limit that is given holds. */
export interface Goal {
  /** In the figure's unit. */
  readonly most?: number;
  /** In the figure's unit. */
  readonly least?: number;
  /** As a multiple of the floor's median. */
  readonly timesFloor?: number;
  /** Above the floor's median, in the figure's unit. */
  readonly aboveFloor?: number;
}

/**
 * The value below or at which a share of the values lies; a straight line leads from each value to the next.
 *
 * @param percent 0 to 100; 50 is the median.
 * @throws Error when there is no value.
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("nothing was measured");
  const sorted = [...values].sort((one, other) => one - other);
  const place = (percent / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => percentile(values, 50);

/** The value of a figure that counts. */
export const counted = ({ values, percentile: percent = 50 }: Figure): number => percentile(values, percent);

/** The largest value that a figure's goal allows; undefined where it says only how large one must be. */
export function limit({ goal, floor }: Figure): number | undefined {
  const base = floor && median(floor.values);
  const limits = [
    goal.most,
    base !== undefined && goal.timesFloor !== undefined ? base * goal.timesFloor : undefined,
    base !== undefined && goal.aboveFloor !== undefined ? base + goal.aboveFloor : undefined,
  ].filter((each) => each !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Whether a figure is as good as its goal. */
export function isMet(figure: Figure): boolean {
  const value = counted(figure);
  return value <= (limit(figure) ?? Infinity) && value >= (figure.goal.least ?? -Infinity);
}

/**
 * What was measured with more and more of something, held against the straight line through the first two: fixed costs do not
 * grow with it. The leave of a tenth is for the noise of the measurement.
 *
 * @param measured numbers of it, in ascending order, with what each took.
 */
export function growth(
  what: string,
  unit: Figure["unit"],
  things: string,
  measured: readonly (readonly [count: number, values: readonly number[]])[],
): Figure[] {
  const [[few, ofFew], [more, ofMore]] = measured as [(typeof measured)[number], (typeof measured)[number]];
  const each = (median(ofMore) - median(ofFew)) / (more - few);
  return measured.map(([count, values]) => ({
    what: `${what} with ${count} ${things}`,
    unit,
    values,
    ...(count <= more
      ? { goal: {} }
      : {
          floor: {
            what: `the straight line through ${few} and ${more} ${things}`,
            values: [median(ofFew) + each * (count - few)],
          },
          goal: { timesFloor: 1.1 },
        }),
  }));
}

/** Measures how long something takes, in seconds. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

/** Measures something several times, after a first time that does not count. */
export async function repeated(times: number, measure: (time: number) => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let time = 0; time <= times; time++) {
    const value = await measure(time);
    if (time > 0) values.push(value);
  }
  return values;
}
