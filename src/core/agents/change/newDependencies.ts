import type { PythonParser } from "../../base/pythonSyntax.ts";
import type { ChangedFile, ChangeFinding } from "./changedFile.ts";

/** A package that a manifest asks for: its name in the normal form of PEP 503, and its line, counted from zero. */
export type DeclaredPackage = { name: string; line: number };

/** The packages that a manifest declares; undefined for a file that is none. */
export type ReadDeclaredPackages = (
  file: { path: string; text: string },
  parser: PythonParser,
) => readonly DeclaredPackage[] | undefined;

/** Packages that the change brings into a manifest; another version of one that is there is none. */
export function findNewDependencies(
  file: ChangedFile,
  parser: PythonParser,
  readPackages: ReadDeclaredPackages,
): ChangeFinding[] {
  const after = readPackages({ path: file.path, text: file.after }, parser);
  if (after === undefined) {
    return [];
  }
  const known = new Set(readPackages({ path: file.path, text: file.before }, parser)?.map(({ name }) => name));
  return after
    .filter(({ name }) => !known.has(name))
    .map(({ name, line }) => ({
      rule: "new-dependency",
      path: file.path,
      line,
      message: `${name} is a new dependency. Was it asked for? Say what it brings that the others do not.`,
    }));
}
