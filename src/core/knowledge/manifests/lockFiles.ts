import { normalizeName } from "../pep/packageName.ts";
import { parseVersion } from "../pep/version.ts";
import { findJsonDamage, findTomlDamage, reportDamage } from "./lockDamage.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

/*
 * Lock files are written by programs, have megabytes, and repeat one shape:
 *
 *   uv.lock, poetry.lock, pdm.lock, pylock.toml     [[package]] or [[packages]], then name = "…" and version = "…"
 *   Pipfile.lock                                    "name": { …, "version": "==1.0" } in "default" and "develop"
 *   conda-lock.yml, pixi.lock                       a list of - name: …, version: … or of package addresses
 *
 * So they are read line by line: a parser for the whole of TOML or YAML takes a hundred times as long.
 */

export function isTomlLock(path: string): boolean {
  return /(?:^|\/)(?:uv|poetry|pdm)\.lock$|(?:^|\/)pylock(?:\.[\w-]+)?\.toml$/.test(path);
}

export function readTomlLock({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  let entry: { name?: string; version?: string; line: number } | undefined;
  // uv and PEP 751 leave out the version of a package that is built from a folder.
  const mayLackVersion = !/(?:poetry|pdm)\.lock$/.test(path);
  const finish = () => {
    if (entry?.name !== undefined && entry.version !== undefined) {
      addLocked(reading, { name: entry.name, version: entry.version, line: entry.line });
    } else if (entry !== undefined && (entry.name === undefined || !mayLackVersion)) {
      const missing = entry.name === undefined ? "name" : "version";
      reading.report("incomplete-lock", entry.line, `This locked package has no ${missing}. Lock again.`);
    }
    entry = undefined;
  };
  let isHead = true;
  for (const { text: line, index } of linesOf(text)) {
    if (line.startsWith("[")) {
      isHead = false;
      finish();
      entry = /^\[\[packages?\]\]\s*$/.test(line) ? { line: index } : undefined;
      continue;
    }
    const [, key, value = ""] = /^(name|version|requires-python)\s*=\s*["']([^"']*)["']/.exec(line) ?? [];
    if (key === "requires-python" && isHead) {
      reading.add({ kind: "python", standing: "declared", value, line: index });
    } else if (entry && key === "name") {
      entry = { ...entry, name: value, line: index };
    } else if (entry && key === "version") {
      entry.version = value;
    }
  }
  finish();
  reportDamage(reading, text, findTomlDamage);
  return reading.reading;
}

export function isPipfileLock(path: string): boolean {
  return /(?:^|\/)Pipfile\.lock$/.test(path);
}

/** Written by `json.dump` with an indentation of four, which makes the depth of a line its place. */
export function readPipfileLock({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  let section = "";
  let entry: { name: string; line: number } | undefined;
  for (const { text: line, index } of linesOf(text)) {
    const [, indent = "", key = "", value = ""] = /^(\s+)"([^"]+)":\s*(.*)$/.exec(line) ?? [];
    if (indent.length === 4) {
      section = key;
    } else if (indent.length === 8 && value.startsWith("{")) {
      entry = { name: key, line: index };
    } else if (indent.length === 12 && key === "version" && entry && section !== "_meta") {
      const version = /^"==([^"]+)"/.exec(value)?.[1];
      if (version !== undefined) {
        const group = section === "default" ? undefined : section === "develop" ? "dev" : normalizeName(section);
        addLocked(reading, { ...entry, version, group });
      }
    } else if (section === "_meta" && /^python_(?:full_)?version$/.test(key)) {
      reading.add({ kind: "python", standing: "declared", value: value.replace(/^"|",?$/g, ""), line: index });
    }
  }
  reportDamage(reading, text, findJsonDamage);
  return reading.reading;
}

export function isCondaLock(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]*conda-lock\.ya?ml|pixi\.lock)$/.test(path);
}

/** The same package stands there once for each platform: the first counts. */
export function readCondaLock({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const seen = new Set<string>();
  const add = (name: string, version: string, line: number) => {
    if (!seen.has(`${name} ${version}`)) {
      seen.add(`${name} ${version}`);
      addLocked(reading, { name: name === "pytorch" ? "torch" : name, version, line });
    }
  };
  let entry: { name: string; line: number } | undefined;
  for (const { text: line, index } of linesOf(text)) {
    const address = /^\s*-\s*conda:\s*\S*\/([^/\s]+?)-([^-/\s]+)-[^-/\s]+\.(?:conda|tar\.bz2)\s*$/.exec(line);
    const name = /^\s*(?:-\s+)?name:\s*["']?([\w.-]+)["']?\s*$/.exec(line)?.[1];
    const version = /^\s+version:\s*["']?([^\s"']+)["']?\s*$/.exec(line)?.[1];
    if (address?.[1] && address[2]) {
      add(address[1], address[2], index);
    } else if (name !== undefined) {
      entry = { name, line: index };
    } else if (version !== undefined && entry) {
      add(entry.name, version, entry.line);
      entry = undefined;
    }
  }
  reportDamage(reading, text, () =>
    /^packages?:|^- (?:name|platform):/m.test(text) ? undefined : { line: 0, reason: "it lists no packages" },
  );
  return reading.reading;
}

function addLocked(
  reading: ReadingBuilder,
  { name, version, line, group }: { name: string; version: string; line: number; group?: string | undefined },
): void {
  if (normalizeName(name) === "python") {
    reading.add({ kind: "python", standing: "locked", value: version, line });
  } else if (parseVersion(version) === undefined) {
    reading.report(
      "invalid-version",
      line,
      `\`${version.slice(0, 60)}\` is no version of a Python package.`,
      "information",
    );
  } else {
    const specifiers = [{ operator: "==" as const, version }];
    reading.addPackage({ name: normalizeName(name), extras: [], specifiers }, { standing: "locked", line, group });
  }
}

/** Lines without their ends; a generator, since a lock file has hundreds of thousands. */
function* linesOf(text: string): Generator<{ text: string; index: number }> {
  let start = 0;
  for (let index = 0; start <= text.length; index++) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    // No line that matters is long; one without ends could hold the regular expressions up.
    const line = text.slice(start, Math.min(end, start + MAX_LINE_CHARACTERS));
    yield { text: line.endsWith("\r") ? line.slice(0, -1) : line, index };
    start = end + 1;
  }
}

const MAX_LINE_CHARACTERS = 2_000;
