/** The figures as a table and as a chart. */
import { counted, type Figure, type Goal, isMet, limit, median } from "./figures";

/** The figures as a table in Markdown. */
export function table(figures: readonly Figure[]): string {
  const head = "| what | measured | lowest to highest | runs | floor in the same run | goal | met |";
  return [head, "| --- | --- | --- | --- | --- | --- | --- |", ...figures.map(row)].join("\n");
}

function row(figure: Figure): string {
  const { what, unit, values, floor, percentile } = figure;
  const value = `${shown(counted(figure), unit)}${percentile === undefined ? "" : ` (p${percentile})`}`;
  const spread = `${shown(Math.min(...values), unit)} to ${shown(Math.max(...values), unit)}`;
  const beside = floor === undefined ? "" : `${shown(median(floor.values), unit)} (${floor.what})`;
  const goal = goalInWords(figure.goal, unit);
  const met = goal === "" ? "" : isMet(figure) ? "yes" : "**no**";
  return `| ${[what, value, spread, String(values.length), beside, goal, met].join(" | ")} |`;
}

/** A goal as text. */
export function goalInWords({ most, least, timesFloor, aboveFloor }: Goal, unit: Figure["unit"]): string {
  return [
    most === undefined ? [] : `at most ${shown(most, unit)}`,
    least === undefined ? [] : `at least ${shown(least, unit)}`,
    timesFloor === undefined ? [] : `at most ${timesFloor} times the floor`,
    aboveFloor === undefined ? [] : `at most ${shown(aboveFloor, unit)} above the floor`,
  ]
    .flat()
    .join(", ");
}

const shown = (value: number, unit: Figure["unit"]): string => `${Number(value.toPrecision(3))}${unit && ` ${unit}`}`;

/** What a line of the chart needs, in pixels. */
const line = { height: 26, label: 430, bar: 320, value: 230 };

/** The figures that have an upper limit as a chart in SVG: how much of what is allowed each takes, and its floor. */
export function chart(figures: readonly Figure[]): string {
  const limited = figures.filter((figure) => (limit(figure) ?? 0) > 0);
  const width = line.label + line.bar + line.value;
  const allowed = line.label + line.bar / 2;
  const height = (limited.length + 1) * line.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...limited.map((figure, index) => bar(figure, index * line.height)),
    `<line x1="${allowed}" x2="${allowed}" y1="0" y2="${height - line.height}" stroke="#333" stroke-dasharray="4 3"/>`,
    `<text x="${allowed}" y="${height - 8}" text-anchor="middle">what the goal allows</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function bar(figure: Figure, top: number): string {
  // The middle of the bar's place is the goal; what takes more than twice as much is cut off there.
  const length = (value: number): number => Math.min(value / limit(figure)! / 2, 1) * line.bar;
  const value = counted(figure);
  const text = top + 17;
  const floor = figure.floor && line.label + length(median(figure.floor.values));
  return [
    `<text x="${line.label - 8}" y="${text}" text-anchor="end">${escaped(figure.what)}</text>`,
    `<rect x="${line.label}" y="${top + 5}" width="${length(value).toFixed(1)}" height="${line.height - 10}" ` +
      `fill="${isMet(figure) ? "#4a8f5b" : "#c0563f"}"/>`,
    ...(floor === undefined
      ? []
      : [`<rect x="${floor.toFixed(1)}" y="${top + 3}" width="3" height="${line.height - 6}" fill="#222"/>`]),
    `<text x="${line.label + line.bar + 8}" y="${text}">${shown(value, figure.unit)} of ${shown(limit(figure)!, figure.unit)}</text>`,
  ].join("");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
