import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

const REQUIREMENTS =
  /(?:^|\/)(?:[\w.-]*requirements[\w.-]*|constraints)\.(?:txt|in)$|(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i;
const PYPROJECT = /(?:^|\/)pyproject\.toml$/;

/** A requirement at the start of a line of a requirements file (PEP 508: a name, then extras, a version, a marker or an address). */
const REQUIREMENT = /^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:$|[[=<>!~;@#])/;
/** The same as an element of a list of pyproject.toml, alone on its line as formatters write it. */
const LISTED =
  /^\s*["']([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(?:[=<>!~;@][^"']*)?["']\s*,?\s*(?:#.*)?$/;

/** Packages that the change brings into a requirements file or pyproject.toml; another version of one that is there is none. */
export function findNewDependencies(file: ChangedFile): ChangeFinding[] {
  const pattern = REQUIREMENTS.test(file.path) ? REQUIREMENT : PYPROJECT.test(file.path) ? LISTED : undefined;
  if (pattern === undefined) {
    return [];
  }
  const before = new Set(file.before.split("\n").flatMap((text) => nameIn(text, pattern)));
  return addedLines(file).flatMap(({ line, text }) =>
    nameIn(text, pattern)
      .filter((name) => !before.has(name))
      .map((name) => ({
        rule: "new-dependency" as const,
        path: file.path,
        line,
        message: `${name} is a new dependency. Was it asked for? Say what it brings that the others do not.`,
      })),
  );
}

/** Names compare in the normal form of PEP 503. */
function nameIn(text: string, pattern: RegExp): string[] {
  const name = pattern.exec(text.slice(0, 500))?.[1];
  return name === undefined ? [] : [name.toLowerCase().replaceAll(/[-_.]+/g, "-")];
}
