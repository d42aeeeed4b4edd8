import { type Marker, parseMarker } from "./marker.ts";
import { normalizeName } from "./packageName.ts";
import { parseSpecifiers, type SpecifierSet } from "./specifier.ts";

/** What is asked of one package (PEP 508): `torch[cuda]>=2.4; sys_platform == "linux"`. */
export type Requirement = {
  /** In normal form. */
  name: string;
  extras: readonly string[];
  specifiers: SpecifierSet;
  /** Where it comes from, for `name @ https://…`. */
  url?: string;
  marker?: Marker;
};

export type ParsedRequirement =
  | { kind: "requirement"; requirement: Requirement }
  /** `reason` ends a sentence; `column` is where reading stopped. */
  | { kind: "invalid"; reason: string; column: number };

const NAME = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/;

/** A line longer than this is data or an attack. */
const MAX_REQUIREMENT_CHARACTERS = 20_000;

export function parseRequirement(text: string): ParsedRequirement {
  if (text.length > MAX_REQUIREMENT_CHARACTERS) {
    return invalid(`it is longer than ${MAX_REQUIREMENT_CHARACTERS} characters`, 0);
  }
  const name = NAME.exec(text);
  if (!name?.[1] || /[._-]$/.test(name[1])) {
    return invalid("it does not begin with the name of a package", text.length - text.trimStart().length);
  }
  const extras = /^\s*\[([^\]]*)\]/.exec(text.slice(name[0].length));
  const names = extras ? splitExtras(extras[1] ?? "") : [];
  if (names === undefined) {
    return invalid("the extras in brackets are not a list of names", name[0].length);
  }
  const start = name[0].length + (extras?.[0].length ?? 0);
  const base = { name: normalizeName(name[1]), extras: names };
  const rest = text.slice(start).trimStart();
  return rest.startsWith("@") ? parseUrl(base, text, start) : parseVersions(base, text, start);
}

type Base = Pick<Requirement, "name" | "extras">;

/** An address ends at a blank, since it may itself hold a semicolon; only behind a blank begins a marker. */
function parseUrl(base: Base, text: string, start: number): ParsedRequirement {
  const match = /^\s*@\s*(\S+)(?:\s+(?:;(.*))?)?$/s.exec(text.slice(start));
  if (!match?.[1]) {
    return invalid("after `@` stands no address, or something stands behind it", start);
  }
  return withMarker({ ...base, specifiers: [], url: match[1] }, match[2], text.length);
}

function parseVersions(base: Base, text: string, start: number): ParsedRequirement {
  const [, written = "", , marker] = /^([^;]*)(;(.*))?$/s.exec(text.slice(start)) ?? [];
  const inner = written.trim();
  const isWrapped = inner.startsWith("(") && inner.endsWith(")");
  const specifiers = parseSpecifiers(isWrapped ? inner.slice(1, -1) : inner);
  if (specifiers === undefined || inner.startsWith(",")) {
    return invalid(`\`${inner.slice(0, 60)}\` is not a version specifier such as \`>=2.4,<3\``, start);
  }
  return withMarker({ ...base, specifiers }, marker, text.length - (marker?.length ?? 0));
}

function withMarker(requirement: Requirement, written: string | undefined, column: number): ParsedRequirement {
  if (written === undefined) {
    return { kind: "requirement", requirement };
  }
  const marker = parseMarker(written);
  return marker === undefined
    ? invalid(`\`${written.trim().slice(0, 60)}\` is not an environment marker`, column)
    : { kind: "requirement", requirement: { ...requirement, marker } };
}

/** Nothing where one of them is no name; `[]` asks for none. */
function splitExtras(list: string): string[] | undefined {
  if (list.trim() === "") {
    return [];
  }
  const names = list.split(",").map((name) => name.trim());
  return names.every((name) => /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name))
    ? names.map(normalizeName)
    : undefined;
}

function invalid(reason: string, column: number): ParsedRequirement {
  return { kind: "invalid", reason, column };
}
