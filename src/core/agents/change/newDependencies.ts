import type { PythonParser } from "../../base/pythonSyntax.ts";
import type { ChangedFile, ChangeFinding } from "./changedFile.ts";

/** A package that a manifest asks for: its name in the normal form of PEP 503, and its line, counted from zero. */
export type DeclaredPackage = { name: string; line: number };

/** The packages that a manifest declares; undefined for a file that is none. */
export type ReadDeclaredPackages = (
  file: { path: string; text: string },
  parser: PythonParser,
) => readonly DeclaredPackage[] | undefined;

/**
 * Packages that the change brings into a manifest; another version of one that is there is none, nor is one that was in a
 * manifest which is changed or gone.
 */
export function findNewDependencies(
  files: readonly ChangedFile[],
  parser: PythonParser,
  readPackages: ReadDeclaredPackages,
): ChangeFinding[] {
  const before = files.flatMap(({ path, before: text }) => readPackages({ path, text }, parser) ?? []);
  const known = new Set(before.map(({ name }) => name));
  return files.flatMap(({ path, after }) =>
    (readPackages({ path, text: after }, parser) ?? [])
      .filter(({ name }) => !known.has(name))
      .map(({ name, line }): ChangeFinding => {
        const message = `${name} is a new dependency. Was it asked for? Say what it brings that the others do not.`;
        return { rule: "new-dependency", path, line, message };
      }),
  );
}
