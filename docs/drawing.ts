/** The picture in architecture.md: a stack's components, and which of them needs which, from its resources. */
import * as fs from "fs/promises";
import * as path from "path";
import { format, resolveConfig } from "prettier";
import { recordingOf } from "../tests/support/program";

/** The document that holds the picture. */
export const architecture = path.join(__dirname, "architecture.md");

/** The stack that is drawn: the one that has everything. */
const stack = "prod";

/** A component of the program: what none other holds. */
interface Component {
  /** For example `ContainerFunction`. */
  readonly kind: string;
  readonly name: string;
  /** Types of all its resources, such as `lambda.Function`. */
  readonly resources: Set<string>;
  /** Names of components from which values of its resources come. */
  readonly needs: Set<string>;
}

/** The document, with the picture and the table of components drawn anew between its markers. */
export async function redrawn(): Promise<string> {
  const text = await fs.readFile(architecture, "utf8");
  const all = await components();
  const drawn = text.replace(
    /(<!-- drawn.*?-->)[\s\S]*(<!-- end -->)/,
    (_, start, end) => `${start}\n\n${picture(all)}\n\n${table(all)}\n\n${end}`,
  );
  return format(drawn, { ...(await resolveConfig(architecture)), parser: "markdown" });
}

async function components(): Promise<Component[]> {
  const { resources, references, parents } = await recordingOf(stack);
  const outermost = (key: string): string => {
    const parent = parents.get(key) ?? "";
    return parents.has(parent) ? outermost(parent) : key;
  };
  const found = new Map<string, Component>();
  for (const { type, name } of resources) {
    const key = outermost(`${type} ${name}`);
    const [token = "", ownName = ""] = key.split(" ");
    const component = found.get(key) ?? {
      kind: token.split(":")[2] ?? "",
      name: ownName,
      resources: new Set(),
      needs: new Set(),
    };
    found.set(key, component);
    component.resources.add(shortType(type));
    for (const from of Object.values(references(type, name)).flat()) {
      component.needs.add(outermost(from).split(" ")[1] ?? "");
    }
  }
  return [...found.values()].sort((one, other) => (one.kind + one.name < other.kind + other.name ? -1 : 1));
}

/** `lambda.Function` for `aws:lambda/function:Function`, `docker-build.Image` for `docker-build:index:Image`. */
function shortType(type: string): string {
  const [provider = "", module = "", name = ""] = type.split(":");
  return `${provider === "aws" ? (module.split("/")[0] ?? "") : provider}.${name}`;
}

/** The subgraph of those that run code; not a name that a component has. */
const group = "functions";

/**
 * A box for each name: what bears the same name belongs together, as a function, its image and its queue do. Functions
 * stand together, and what is so for all of them is drawn once.
 */
function picture(all: readonly Component[]): string {
  const byName = groupBy(all, ({ name }) => name);
  const boxes = [...byName].sort(alphabetically).map(([name, parts]) => ({
    name,
    label: `${id(name)}["<b>${name}</b><br>${parts.map(({ kind }) => kind).join("<br>")}"]`,
    runs: parts.some(({ kind }) => kind === "ContainerFunction"),
    needs: new Set(parts.flatMap(({ needs }) => [...needs])),
  }));
  const inside = boxes.filter(({ runs }) => runs);
  const outside = boxes.filter(({ runs }) => !runs);
  const common = outside.map(({ name }) => name).filter((name) => inside.every(({ needs }) => needs.has(name)));
  const arrows = boxes.flatMap(({ name, runs, needs }) => {
    const usesAll = !runs && inside.every((each) => needs.has(each.name));
    const ends = [...needs].filter(
      (end) =>
        end !== name && !(runs && common.includes(end)) && !(usesAll && inside.some((each) => each.name === end)),
    );
    return [...(usesAll ? [group] : []), ...ends.sort()].map((end) => `  ${id(name)} --> ${id(end)}`);
  });
  return [
    "```mermaid",
    "flowchart LR",
    `  subgraph ${group}`,
    ...inside.map(({ label }) => `    ${label}`),
    "  end",
    ...outside.map(({ label }) => `  ${label}`),
    ...common.map((end) => `  ${group} --> ${id(end)}`),
    ...arrows,
    "```",
  ].join("\n");
}

const id = (name: string): string => name.replaceAll("-", "_");

function table(all: readonly Component[]): string {
  const rows = [...groupBy(all, ({ kind }) => kind)].map(([kind, members]) => {
    const names = members.map(({ name }) => name).join(", ");
    const types = [...new Set(members.flatMap(({ resources }) => [...resources]))].sort().join(", ");
    return `| ${kind} | ${names} | ${types} |`;
  });
  return ["| component | named | made of |", "| --- | --- | --- |", ...rows].join("\n");
}

const alphabetically = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

function groupBy<T>(all: readonly T[], key: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return groups;
}
