import { normalizeName } from "../pep/packageName.ts";
import { addPixi } from "./pixiToml.ts";
import { addHatch, addPdm, addPoetry, addUv } from "./pyprojectTools.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addSetuptools } from "./setuptoolsDynamic.ts";
import { listOf, readToml, type TomlFile, tableAt, tableOf, textOf } from "./toml.ts";

export function isPyproject(path: string): boolean {
  return /(?:^|\/)pyproject\.toml$/.test(path);
}

/** `[project]` (PEP 621), `[dependency-groups]` (PEP 735) and what uv, Poetry, PDM, Hatch and Pixi add. */
export function readPyproject({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const file = readToml(text, reading);
  addProject(file, reading);
  addDependencyGroups(file, reading);
  addPoetry(file, reading);
  addUv(file, reading);
  addSetuptools(file, reading);
  addPdm(file, reading);
  addHatch(file, reading);
  addPixi(file, reading, ["tool", "pixi"]);
  return reading.reading;
}

function addProject({ root, lineOf }: TomlFile, reading: ReadingBuilder): void {
  const project = tableAt(root, "project");
  addList({ root, lineOf }, reading, { path: ["project"], key: "dependencies" });
  const python = textOf(project["requires-python"]);
  if (python !== undefined) {
    reading.add({
      kind: "python",
      standing: "declared",
      value: python,
      line: lineOf.key(["project"], "requires-python"),
    });
  }
  for (const extra of Object.keys(tableOf(project["optional-dependencies"]))) {
    addList({ root, lineOf }, reading, {
      path: ["project", "optional-dependencies"],
      key: extra,
      group: normalizeName(extra),
    });
  }
  const runner = Object.keys(tableAt(root, "tool", "uv")).length > 0 ? "uv run " : "";
  for (const [name, target] of Object.entries(tableOf(project["scripts"]))) {
    const line = lineOf.key(["project", "scripts"], name);
    reading.add({ kind: "command", name, command: String(target), invoke: `${runner}${name}`, line });
  }
}

/** Adds a list of requirements; whatever is not a text is a problem. */
function addList(
  { root, lineOf }: TomlFile,
  reading: ReadingBuilder,
  { path, key, group }: { path: readonly string[]; key: string; group?: string },
): void {
  for (const item of listOf(tableAt(root, ...path)[key])) {
    if (typeof item === "string") {
      reading.addRequirement(item, lineOf.item(path, key, item), { group });
    } else {
      reading.report("invalid-requirement", lineOf.key(path, key), `\`${key}\` must be a list of texts.`);
    }
  }
}

/** A group may include others; each of its requirements counts as its own. */
function addDependencyGroups(file: TomlFile, reading: ReadingBuilder): void {
  const { root, lineOf } = file;
  const groups = new Map(
    Object.entries(tableAt(root, "dependency-groups")).map(([name, list]) => [
      normalizeName(name),
      { name, list: listOf(list) },
    ]),
  );
  const expanded = new Set<string>();
  const expand = (group: string, into: string, above: readonly string[]): void => {
    const known = groups.get(group);
    if (known === undefined || above.includes(group)) {
      const line = lineOf.key(["dependency-groups"], above.at(-1) ?? into);
      const message = known ? `The group \`${group}\` includes itself.` : `There is no dependency group \`${group}\`.`;
      reading.report("invalid-group", line, `${message} The include is left out.`);
      return;
    }
    // What is included on two ways counts once; groups that double each other would have no end.
    const id = `${into}\0${group}`;
    if (expanded.has(id)) {
      return;
    }
    expanded.add(id);
    for (const item of known.list) {
      const included = textOf(tableOf(item)["include-group"]);
      if (typeof item === "string") {
        reading.addRequirement(item, lineOf.item(["dependency-groups"], known.name, item), { group: into });
      } else if (included !== undefined) {
        expand(normalizeName(included), into, [...above, group]);
      } else {
        const message = `An entry of \`${known.name}\` is neither a requirement nor \`{include-group = "…"}\`.`;
        reading.report("invalid-group", lineOf.key(["dependency-groups"], known.name), message);
      }
    }
  };
  for (const group of groups.keys()) {
    expand(group, group, []);
  }
}
