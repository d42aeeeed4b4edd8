import type { PythonParser } from "../../base/pythonSyntax.ts";
import { manifestReaderOf } from "./manifestReaders.ts";
import type { TextFile } from "./reading.ts";

/**
 * The packages that a manifest asks for, by their normal names, with lines counted from zero. What a lock file resolved is
 * nobody's wish and left out. Undefined for a file that is no manifest, or one too large to be written by hand.
 */
export function readDeclaredPackages(
  file: TextFile,
  parser: PythonParser,
): { name: string; line: number }[] | undefined {
  const reader = manifestReaderOf(file.path);
  if (reader === undefined || file.text.length > reader.maxBytes) {
    return undefined;
  }
  const { statements } = reader.needsPython === true ? reader.read(file, parser) : reader.read(file);
  return statements.flatMap((statement) =>
    statement.kind === "package" && statement.standing === "declared"
      ? [{ name: statement.requirement.name, line: statement.line }]
      : [],
  );
}
