import { normalizeName } from "../pep/packageName.ts";
import { addConstraints, addScripts } from "./pyprojectTools.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readToml, tableAt, textOf } from "./toml.ts";

export function isPipfile(path: string): boolean {
  return /(?:^|\/)Pipfile$/.test(path);
}

/** `[packages]`, `[dev-packages]` and custom categories, `[requires]` and `[scripts]`. */
export function readPipfile({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const file = readToml(text, reading);
  for (const category of Object.keys(file.root)) {
    if (!NO_CATEGORIES.has(category)) {
      const group = category === "packages" ? undefined : category === "dev-packages" ? "dev" : normalizeName(category);
      addConstraints(file, reading, { path: [category], ...(group === undefined ? {} : { group }) });
    }
  }
  const requires = tableAt(file.root, "requires");
  const key = requires["python_full_version"] === undefined ? "python_version" : "python_full_version";
  const python = textOf(requires[key]);
  if (python !== undefined) {
    reading.add({ kind: "python", standing: "declared", value: python, line: file.lineOf.key(["requires"], key) });
  }
  addScripts(file, reading, { path: ["scripts"], runner: "pipenv run" });
  return reading.reading;
}

const NO_CATEGORIES = new Set(["source", "sources", "requires", "scripts", "pipenv"]);
