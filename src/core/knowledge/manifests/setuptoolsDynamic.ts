import type { ReadingBuilder } from "./reading.ts";
import { listOf, type TomlFile, tableAt, tableOf, textOf } from "./toml.ts";

const DYNAMIC = ["tool", "setuptools", "dynamic"];

/** `[tool.setuptools.dynamic]`: requirements files that stand in for `dependencies` and the extras of `[project]`. */
export function addSetuptools({ root, lineOf }: TomlFile, reading: ReadingBuilder): void {
  const dynamic = tableAt(root, ...DYNAMIC);
  const include = (from: unknown, line: number) => {
    const file = tableOf(from)["file"];
    for (const path of Array.isArray(file) ? listOf(file) : [file]) {
      const written = textOf(path);
      if (written !== undefined) {
        reading.add({ kind: "include", path: written, as: "requirements", line });
      }
    }
  };
  include(dynamic["dependencies"], lineOf.key(DYNAMIC, "dependencies"));
  for (const [extra, from] of Object.entries(tableOf(dynamic["optional-dependencies"]))) {
    include(from, lineOf.key([...DYNAMIC, "optional-dependencies"], extra));
  }
}
