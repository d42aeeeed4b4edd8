import { normalizeName } from "../pep/packageName.ts";
import { parseVersion } from "../pep/version.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

/** The name and version of a `METADATA` file: headers as of a mail, which end at the first empty line. */
export function readMetadata({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const headers = text.slice(0, MAX_HEADER_CHARACTERS).split(/\r?\n\r?\n/)[0] ?? "";
  const lines = headers.split(/\r?\n/);
  const value = (header: string) =>
    lines
      .find((line) => line.startsWith(`${header}: `))
      ?.slice(header.length + 2)
      .trim();
  const [name, version] = [value("Name"), value("Version")];
  if (name !== undefined && version !== undefined) {
    addInstalled(reading, name, { version, line: lines.findIndex((line) => line.startsWith("Version: ")) });
  }
  return reading.reading;
}

/** The same from the name of its folder, `name-version.dist-info`, which is why nothing is read for most packages. */
export function readDistInfoName(folder: string): Reading {
  const reading = new ReadingBuilder();
  const [, name, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(folder) ?? [];
  if (name !== undefined && version !== undefined) {
    addInstalled(reading, name, { version, line: 0 });
  }
  return reading.reading;
}

function addInstalled(
  reading: ReadingBuilder,
  name: string,
  { version, line }: { version: string; line: number },
): void {
  if (parseVersion(version)) {
    const specifiers = [{ operator: "==" as const, version }];
    reading.addPackage({ name: normalizeName(name), extras: [], specifiers }, { standing: "installed", line });
  }
}

/** `version = 3.11.7` of the file that makes a folder a virtual environment. */
export function readPyvenvCfg({ text }: TextFile): Reading {
  return pythonLine(text, /^version(?:_info)?\s*=\s*(\d+(?:\.\d+){0,2})/, "installed");
}

/** The Python of a conda environment, by the name of the record in its `conda-meta`: `python-3.11.9-h955ad1f_0.json`. */
export function readCondaRecordName(name: string): Reading {
  return pythonLine(name, /^python-(\d+\.\d+\.\d+)-[^-]+\.json$/, "installed");
}

export function isPythonVersionFile(path: string): boolean {
  return /(?:^|\/)(?:\.python-version|runtime\.txt)$/.test(path);
}

/** `.python-version` and `runtime.txt` hold nothing else. */
export function readPythonVersionFile({ text }: TextFile): Reading {
  return pythonLine(text, /^(?:python-|cpython-)?(\d+(?:\.\d+)*)\s*$/, "declared");
}

function pythonLine(text: string, pattern: RegExp, standing: "installed" | "declared"): Reading {
  const reading = new ReadingBuilder();
  const lines = text.split(/\r?\n/);
  const line = lines.findIndex((candidate) => pattern.test(candidate));
  const value = pattern.exec(lines[line] ?? "")?.[1];
  if (value !== undefined) {
    reading.add({ kind: "python", standing, value, line });
  }
  return reading.reading;
}

/** The headers come first and are small; a long description may follow. */
const MAX_HEADER_CHARACTERS = 20_000;
