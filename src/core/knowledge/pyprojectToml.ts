import { parse } from "smol-toml";
import { type PackageMention, packageFacts, parseRequirement, pythonFact } from "./packageFacts.ts";
import type { TextFile, WorkspaceFact } from "./workspaceFacts.ts";

export function isPyproject(path: string): boolean {
  return /(?:^|\/)pyproject\.toml$/.test(path);
}

/** `[project]`, `[dependency-groups]` (PEP 735) and `[tool.poetry]`; nothing from a file that is no valid TOML. */
export function readPyproject({ path, text }: TextFile): WorkspaceFact[] {
  let document: Table;
  try {
    document = tableOf(parse(text));
  } catch {
    return [];
  }
  const project = tableOf(document["project"]);
  const poetry = tableOf(tableOf(document["tool"])["poetry"]);
  const lines = text.split("\n");
  const lists = [
    project["dependencies"],
    ...Object.values(tableOf(project["optional-dependencies"])),
    ...Object.values(tableOf(document["dependency-groups"])),
  ];
  const written = lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter((item) => typeof item === "string");
  const poetryTables = [
    poetry["dependencies"],
    poetry["dev-dependencies"],
    ...Object.values(tableOf(poetry["group"])).map((group) => tableOf(group)["dependencies"]),
  ].map(tableOf);
  const mentions = [
    ...written.flatMap((item) => parseRequirement(item) ?? []),
    ...poetryTables.flatMap((table) => Object.entries(table).flatMap(([name, value]) => poetryMention(name, value))),
  ];
  const python = project["requires-python"] ?? poetryTables[0]?.["python"];
  return [
    ...packageFacts(
      mentions.map((mention) => withLine(mention, lines)),
      path,
    ),
    ...(typeof python === "string"
      ? [pythonFact(python, path, lineOf(lines, /^\s*(?:requires-python|python)\s*=/))]
      : []),
  ];
}

type Table = Readonly<Record<string, unknown>>;

function tableOf(value: unknown): Table {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  return isTable ? Object.fromEntries(Object.entries(value)) : {};
}

/** `torch = "^2.4"` or `torch = { version = "^2.4", extras = […] }`; `"*"` means any. */
function poetryMention(name: string, value: unknown): PackageMention[] {
  const version = typeof value === "string" ? value : tableOf(value)["version"];
  return name === "python" ? [] : [{ name, constraint: typeof version === "string" && version !== "*" ? version : "" }];
}

/** The TOML reader keeps no positions, so the line is looked up by the name of the package. */
function withLine(mention: PackageMention, lines: readonly string[]): PackageMention {
  const name = mention.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const line = lineOf(lines, new RegExp(`["']${name}\\s*(?:[\\["'<>=!~;@ ]|$)|^\\s*["']?${name}["']?\\s*=`));
  return line === undefined ? mention : { ...mention, line };
}

function lineOf(lines: readonly string[], pattern: RegExp): number | undefined {
  const index = lines.findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : index;
}
