import { parseJson } from "../../base/parseJson.ts";
import { type Marker, parseMarker } from "../pep/marker.ts";
import { normalizeName } from "../pep/packageName.ts";
import { parseVersion } from "../pep/version.ts";
import { findJsonDamage, findTomlDamage, reportDamage } from "./lockDamage.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

/*
 * Lock files are written by programs, have megabytes, and repeat one shape:
 *
 *   uv.lock, poetry.lock, pdm.lock, pylock.toml     [[package]] or [[packages]], then name = "…" and version = "…",
 *                                                   and what the entry is for: marker, markers or resolution-markers
 *   Pipfile.lock                                    "name": { …, "markers": "…", "version": "==1.0" } in "default" and "develop"
 *   conda-lock.yml, pixi.lock                       a list of - name: …, version: … or of package addresses
 *
 * So they are read line by line: a parser for the whole of TOML or YAML takes a hundred times as long.
 */

export function isTomlLock(path: string): boolean {
  return /(?:^|\/)(?:uv|poetry|pdm)\.lock$|(?:^|\/)pylock(?:\.[\w-]+)?\.toml$/.test(path);
}

type TomlEntry = { line: number; name?: string; version?: string; groups: number; markers: MarkerLines };

/** The texts of the markers of an entry, any of which is enough; `isOpen`: more of them follow on the next lines. */
type MarkerLines = { texts: string[]; isOpen: boolean };

export function readTomlLock({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  let entry: TomlEntry | undefined;
  // uv and PEP 751 leave out the version of a package that is built from a folder.
  const mayLackVersion = !/(?:poetry|pdm)\.lock$/.test(path);
  const finish = () => {
    if (entry?.name !== undefined && entry.version !== undefined) {
      const marker = anyOf(entry.markers.texts);
      addLocked(reading, { name: entry.name, version: entry.version, line: entry.line, marker });
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
      entry = /^\[\[packages?\]\]\s*$/.test(line)
        ? { line: index, groups: 0, markers: { texts: [], isOpen: false } }
        : undefined;
      continue;
    }
    const requires = isHead ? /^requires-python\s*=\s*["']([^"']*)["']/.exec(line)?.[1] : undefined;
    if (requires !== undefined) {
      reading.add({ kind: "python", standing: "declared", value: requires, line: index });
    } else if (entry) {
      readEntryLine(entry, line, index);
    }
  }
  finish();
  reportDamage(reading, text, findTomlDamage);
  return reading.reading;
}

function readEntryLine(entry: TomlEntry, line: string, index: number): void {
  if (entry.markers.isOpen) {
    entry.markers.texts.push(...quotedTexts(line));
    entry.markers.isOpen = !line.includes("]");
    return;
  }
  const [, key, value = ""] = /^(name|version|groups|markers?|resolution-markers)\s*=\s*(.*)$/.exec(line) ?? [];
  const texts = key === undefined ? [] : quotedTexts(value);
  switch (key) {
    case undefined:
      break;
    case "name":
      Object.assign(entry, texts[0] === undefined ? {} : { name: texts[0], line: index });
      break;
    case "version":
      Object.assign(entry, texts[0] === undefined ? {} : { version: texts[0] });
      break;
    case "groups":
      entry.groups = texts.length;
      break;
    default:
      // Poetry names a marker for each group (`{main = "…"}`); a group without one always needs the package.
      entry.markers.texts = value.startsWith("{") && texts.length < entry.groups ? [] : texts;
      entry.markers.isOpen = value.startsWith("[") && !value.includes("]");
  }
}

/** The texts in quotes on a line of TOML or JSON. */
function quotedTexts(value: string): string[] {
  return Array.from(value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g), ([, basic, literal]) =>
    basic === undefined ? (literal ?? "") : basic.replaceAll(/\\(["\\])/g, "$1"),
  );
}

/** The marker that holds where one of some does; nothing where there is none, or one cannot be read. */
function anyOf(texts: readonly string[]): Marker | undefined {
  return texts.length === 0 ? undefined : parseMarker(texts.map((text) => `(${text})`).join(" or "));
}

export function isPipfileLock(path: string): boolean {
  return /(?:^|\/)Pipfile\.lock$/.test(path);
}

/** Written by `json.dump` with an indentation of four, which makes the depth of a line its place. */
export function readPipfileLock({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  let section = "";
  let entry: { name: string; line: number; version?: string; marker?: Marker | undefined } | undefined;
  const finish = () => {
    if (entry?.version !== undefined && section !== "_meta") {
      const group = section === "default" ? undefined : section === "develop" ? "dev" : normalizeName(section);
      addLocked(reading, { ...entry, version: entry.version, group });
    }
    entry = undefined;
  };
  const isOneLine = !text.trim().includes("\n");
  for (const { text: line, index: row } of linesOf(isOneLine ? laidOut(text) : text)) {
    const index = isOneLine ? 0 : row;
    const [, indent = "", key = "", value = ""] = /^(\s+)"([^"]+)":\s*(.*)$/.exec(line) ?? [];
    if (indent.length === 4) {
      finish();
      section = key;
    } else if (indent.length === 8 && value.startsWith("{")) {
      finish();
      entry = { name: key, line: index };
    } else if (indent.length === 12 && key === "version" && entry) {
      const version = /^"==([^"]+)"/.exec(value)?.[1];
      entry = version === undefined ? entry : { ...entry, version };
    } else if (indent.length === 12 && key === "markers" && entry) {
      entry.marker = anyOf(quotedTexts(value));
    } else if (section === "_meta" && /^python_(?:full_)?version$/.test(key)) {
      reading.add({ kind: "python", standing: "declared", value: value.replace(/^"|",?$/g, ""), line: index });
    }
  }
  finish();
  reportDamage(reading, text, findJsonDamage);
  return reading.reading;
}

/** What another program wrote on one line, as pipenv writes it; what is no JSON stays as it is. */
function laidOut(text: string): string {
  const data = parseJson(text);
  return data === undefined ? text : JSON.stringify(data, undefined, 4);
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

type Locked = {
  name: string;
  version: string;
  line: number;
  group?: string | undefined;
  marker?: Marker | undefined;
};

function addLocked(reading: ReadingBuilder, { name, version, line, group, marker }: Locked): void {
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
    const requirement = { name: normalizeName(name), extras: [], specifiers, ...(marker ? { marker } : {}) };
    reading.addPackage(requirement, { standing: "locked", line, group });
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
