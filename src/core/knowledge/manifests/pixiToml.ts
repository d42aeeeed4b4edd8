import { normalizeName } from "../pep/packageName.ts";
import { addMatchSpec } from "./condaEnvironment.ts";
import { addConstraints, commandText } from "./pyprojectTools.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readToml, type TomlFile, tableAt, tableOf, textOf } from "./toml.ts";

export function isPixiToml(path: string): boolean {
  return /(?:^|\/)pixi\.toml$/.test(path);
}

export function readPixiToml({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  addPixi(readToml(text, reading), reading, []);
  return reading.reading;
}

/** Packages of conda and of PyPI, per feature and per platform, and tasks; below `[tool.pixi]` in a pyproject.toml. */
export function addPixi(file: TomlFile, reading: ReadingBuilder, root: readonly string[]): void {
  addTables(file, reading, root);
  for (const feature of Object.keys(tableAt(file.root, ...root, "feature"))) {
    addTables(file, reading, [...root, "feature", feature], normalizeName(feature));
  }
  for (const platform of Object.keys(tableAt(file.root, ...root, "target"))) {
    addTables(file, reading, [...root, "target", platform]);
  }
}

function addTables(file: TomlFile, reading: ReadingBuilder, path: readonly string[], group?: string): void {
  const conda = [...path, "dependencies"];
  for (const [name, value] of Object.entries(tableAt(file.root, ...conda))) {
    const version = textOf(value) ?? textOf(tableOf(value)["version"]) ?? "*";
    addMatchSpec(reading, `${name} ${version}`, file.lineOf.key(conda, name), group);
  }
  addConstraints(file, reading, { path: [...path, "pypi-dependencies"], ...(group === undefined ? {} : { group }) });
  const tasks = [...path, "tasks"];
  for (const [name, value] of Object.entries(tableAt(file.root, ...tasks))) {
    const command = commandText(textOf(value) ?? tableOf(value)["cmd"]);
    if (command !== "") {
      reading.add({ kind: "command", name, command, invoke: `pixi run ${name}`, line: file.lineOf.key(tasks, name) });
    }
  }
}
