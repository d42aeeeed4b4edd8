import { quoteWord } from "../../base/shellWord.ts";
import { parseMarker } from "../pep/marker.ts";
import { normalizeName } from "../pep/packageName.ts";
import { parsePoetryConstraint } from "./poetryConstraint.ts";
import type { ReadingBuilder } from "./reading.ts";
import { joinedLines } from "./shellLine.ts";
import { listOf, type TomlFile, tableAt, tableOf, textOf, textsOf } from "./toml.ts";

/** `[tool.poetry]`: tables of name → constraint, for the package, for development and for named groups. */
export function addPoetry(file: TomlFile, reading: ReadingBuilder): void {
  const poetry = ["tool", "poetry"];
  addConstraints(file, reading, { path: [...poetry, "dependencies"], groupOf: extraOf(file) });
  addConstraints(file, reading, { path: [...poetry, "dev-dependencies"], group: "dev" });
  for (const group of Object.keys(tableAt(file.root, ...poetry, "group"))) {
    addConstraints(file, reading, { path: [...poetry, "group", group, "dependencies"], group: normalizeName(group) });
  }
  addScripts(file, reading, { path: [...poetry, "scripts"], runner: "poetry run" });
}

/** What is `optional` is installed for an extra only, by the name of the first one that lists it. */
function extraOf({ root }: TomlFile): (name: string, entry: unknown) => string | undefined {
  const extras = Object.entries(tableAt(root, "tool", "poetry", "extras"));
  return (name, entry) => {
    const extra = extras.find(([, list]) => listOf(list).includes(name))?.[0];
    return tableOf(entry)["optional"] === true ? normalizeName(extra ?? "optional") : undefined;
  };
}

/** A table of name → version, `{ version, extras, git, path, url, markers }` or a list of those. */
export function addConstraints(
  { root, lineOf }: TomlFile,
  reading: ReadingBuilder,
  {
    path,
    group,
    groupOf = () => group,
  }: { path: readonly string[]; group?: string; groupOf?: (name: string, entry: unknown) => string | undefined },
): void {
  for (const [name, value] of Object.entries(tableAt(root, ...path))) {
    const line = lineOf.key(path, name);
    for (const entry of Array.isArray(value) ? value : [value]) {
      const version = textOf(entry) ?? textOf(tableOf(entry)["version"]) ?? "*";
      if (normalizeName(name) === "python") {
        reading.addPython(version, line);
      } else {
        addConstraint(reading, { name, entry, version, line, group: groupOf(name, entry) });
      }
    }
  }
}

function addConstraint(
  reading: ReadingBuilder,
  {
    name,
    entry,
    version,
    line,
    group,
  }: { name: string; entry: unknown; version: string; line: number; group: string | undefined },
): void {
  const table = tableOf(entry);
  const specifiers = parsePoetryConstraint(version);
  if (specifiers === undefined || !/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    const message = `\`${name} = "${version.slice(0, 60)}"\` is no single range of versions, so that its version is left open.`;
    reading.report("unknown-constraint", line, message, "information");
  }
  const marker = parseMarker(markerText(table));
  const url = textOf(table["git"]) ?? textOf(table["url"]) ?? textOf(table["path"]) ?? textOf(table["file"]);
  reading.addPackage(
    {
      name: normalizeName(name),
      extras: listOf(table["extras"])
        .filter((extra) => typeof extra === "string")
        .map(normalizeName),
      specifiers: specifiers ?? [],
      ...(url === undefined ? {} : { url }),
      ...(marker ? { marker } : {}),
    },
    { line, group },
  );
}

/** `markers`, with what `python` and `platform` say in a form of Poetry's own. */
function markerText(table: Readonly<Record<string, unknown>>): string {
  const python = parsePoetryConstraint(textOf(table["python"]) ?? "") ?? [];
  const platform = textOf(table["platform"]);
  const markers = textOf(table["markers"]);
  return [
    ...(markers === undefined ? [] : [`(${markers})`]),
    ...python.map(({ operator, version }) => `python_version ${operator} "${version}"`),
    ...(platform === undefined ? [] : [`sys_platform == "${platform}"`]),
  ].join(" and ");
}

/** `[tool.uv]`: development requirements, constraints, overrides and the members of a workspace. */
export function addUv({ root, lineOf }: TomlFile, reading: ReadingBuilder): void {
  const uv = tableAt(root, "tool", "uv");
  for (const [key, standing, group] of [
    ["dev-dependencies", "declared", "dev"],
    ["constraint-dependencies", "constraint", undefined],
  ] as const) {
    for (const item of listOf(uv[key]).filter((entry) => typeof entry === "string")) {
      reading.addRequirement(item, lineOf.item(["tool", "uv"], key, item), { standing, group });
    }
  }
  for (const item of textsOf(uv["override-dependencies"])) {
    reading.addOverride(item, lineOf.item(["tool", "uv"], "override-dependencies", item));
  }
  const workspace = tableOf(uv["workspace"]);
  const [members, exclude] = [textsOf(workspace["members"]), textsOf(workspace["exclude"])];
  if (members.length > 0) {
    reading.add({ kind: "workspace", members, exclude, line: lineOf.key(["tool", "uv", "workspace"], "members") });
  }
}

/** `[tool.pdm.dev-dependencies]` and `[tool.pdm.scripts]`. */
export function addPdm({ root, lineOf }: TomlFile, reading: ReadingBuilder): void {
  const path = ["tool", "pdm", "dev-dependencies"];
  for (const [group, list] of Object.entries(tableAt(root, ...path))) {
    for (const item of listOf(list).filter((entry) => typeof entry === "string")) {
      const editable = /^-e\s+\S*[#&]egg=([\w.-]+)/.exec(item)?.[1];
      reading.addRequirement(editable ?? item, lineOf.item(path, group, item), { group: normalizeName(group) });
    }
  }
  addScripts({ root, lineOf }, reading, { path: ["tool", "pdm", "scripts"], runner: "pdm run", list: "words" });
}

/** `[tool.hatch.envs.<name>]`: requirements and scripts of an environment. */
export function addHatch({ root, lineOf }: TomlFile, reading: ReadingBuilder): void {
  const path = ["tool", "hatch", "envs"];
  for (const environment of Object.keys(tableAt(root, ...path))) {
    const own = [...path, environment];
    for (const key of ["dependencies", "extra-dependencies"]) {
      for (const item of listOf(tableAt(root, ...own)[key]).filter((entry) => typeof entry === "string")) {
        reading.addRequirement(item, lineOf.item(own, key, item), { group: normalizeName(environment) });
      }
    }
    const runner = environment === "default" ? "hatch run" : `hatch run ${environment}:`;
    addScripts({ root, lineOf }, reading, { path: [...own, "scripts"], runner });
  }
}

/**
 * A table of name → command, or → `{ cmd }`, `{ shell }`, `{ composite }`, `{ call }`, `{ reference }`. A bare list holds the
 * words of one command (PDM) or several commands (Hatch).
 */
export function addScripts(
  { root, lineOf }: TomlFile,
  reading: ReadingBuilder,
  { path, runner, list = "commands" }: { path: readonly string[]; runner: string; list?: "words" | "commands" },
): void {
  for (const [name, value] of Object.entries(tableAt(root, ...path))) {
    const command = Array.isArray(value) ? LISTS[list](textsOf(value)) : scriptCommand(value);
    if (command !== "") {
      const separator = runner.endsWith(":") ? "" : " ";
      reading.add({
        kind: "command",
        name,
        command,
        invoke: `${runner}${separator}${name}`,
        line: lineOf.key(path, name),
      });
    }
  }
}

const LISTS = {
  words: (words: readonly string[]) => words.map(quoteWord).join(" "),
  commands: (commands: readonly string[]) => commands.join(" && "),
};

/** What a script runs on one line; nothing where it is written in a way that is not known. */
function scriptCommand(value: unknown): string {
  const table = tableOf(value);
  const lines = joinedLines(textOf(table["shell"]) ?? "").map(({ text }) => text);
  const commands = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return (
    commandText(table["cmd"]) ||
    LISTS.commands(commands.length > 0 ? commands : textsOf(table["composite"])) ||
    commandText(table["call"] ?? table["reference"] ?? value)
  );
}

/** The words of a command, in a list or in a text, in which the end of a line is a blank. */
export function commandText(value: unknown): string {
  return Array.isArray(value)
    ? LISTS.words(textsOf(value))
    : joinedLines(textOf(value) ?? "")
        .map(({ text }) => text)
        .join(" ")
        .trim();
}
