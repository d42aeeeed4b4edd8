import { parseMarker } from "../pep/marker.ts";
import { normalizeName } from "../pep/packageName.ts";
import { parseRequirement, type Requirement } from "../pep/requirement.ts";
import { parseVersion } from "../pep/version.ts";

/** A requirement that names a place; only building the package would tell the name of some of them. */
export type LocatedRequirement = Omit<Requirement, "name"> & { name?: string };

const SCHEME = /^(?:(?:git|hg|svn|bzr)\+)?[a-z][a-z+.-]*:\/\/|^(?:git|hg|svn|bzr)\+/i;
const ARCHIVE = /\.(?:whl|zip|tar\.gz|tgz|tar|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$/i;

/** What `git+https://…#egg=name`, `./folder[extra]` or `wheels/x-1.0-py3-none-any.whl` ask for; nothing for a plain requirement. */
export function requirementOfUrl(text: string): LocatedRequirement | undefined {
  const isUrl = SCHEME.test(text);
  // In an address a semicolon may be part of it; the one before a marker has a blank behind.
  const separator = text.indexOf(isUrl ? "; " : ";");
  const place = (separator === -1 ? text : text.slice(0, separator)).trim();
  if (!isUrl && !isPath(place)) {
    return undefined;
  }
  const marker = separator === -1 ? undefined : parseMarker(text.slice(separator + 1));
  const fragment = readEgg(place);
  const [, path = place, bracket] = isUrl ? [] : (/^([^[]*)\[([^\]]*)\]$/.exec(place) ?? []);
  const extras = bracket?.split(",").map((extra) => normalizeName(extra.trim())) ?? fragment?.extras ?? [];
  const wheel = wheelOf(path);
  const name = wheel?.name ?? fragment?.name;
  return {
    ...(name === undefined ? {} : { name }),
    extras,
    specifiers: wheel === undefined ? [] : [{ operator: "==", version: wheel.version }],
    url: path,
    ...(marker ? { marker } : {}),
  };
}

/** pip takes everything with a slash, everything that begins with a dot and every archive for a file. */
function isPath(text: string): boolean {
  const isDirect = /^[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\]\s*)?@/.test(text);
  return (
    !isDirect &&
    (text.startsWith(".") || /^[^<>=!~;]*[/\\]/.test(text) || (ARCHIVE.test(text) && !/[<>=!~]/.test(text)))
  );
}

/** `#egg=name[extra]&subdirectory=…` */
function readEgg(url: string): { name: string; extras: readonly string[] } | undefined {
  const egg = /[#&]egg=([^&]*)/.exec(url)?.[1];
  const parsed = egg === undefined ? undefined : parseRequirement(egg);
  return parsed?.kind === "requirement" ? parsed.requirement : undefined;
}

/** `name-version[-build]-python-abi-platform.whl` (PEP 427). */
function wheelOf(place: string): { name: string; version: string } | undefined {
  const file = place.split(/[?#]/)[0]?.split(/[/\\]/).at(-1) ?? "";
  const [, name, version] = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(decodePercent(file)) ?? [];
  return name && version && parseVersion(version) ? { name: normalizeName(name), version } : undefined;
}

function decodePercent(text: string): string {
  return text.replaceAll("%2B", "+").replaceAll("%2b", "+");
}
