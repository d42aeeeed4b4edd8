import { readdirSync } from "node:fs";
import { join } from "node:path";
import { factKeyOf } from "../../core/knowledge/knownPackages.ts";
import {
  readCondaRecordName,
  readDistInfoName,
  readMetadata,
  readPyvenvCfg,
} from "../../core/knowledge/manifests/installed.ts";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import { readFileText } from "./fileText.ts";

/** The Python and the packages of a virtual environment, by the paths that prove them. No Python is started. */
export function readEnvironment(root: string, environment: string): Map<string, Reading> {
  const readings = new Map<string, Reading>();
  const python = readPythonOf(root, environment);
  if (python !== undefined) {
    readings.set(python.path, python.reading);
  }
  const sitePackages = sitePackagesOf(root, environment, python?.reading);
  for (const entry of namesIn(join(root, sitePackages))) {
    if (entry.endsWith(".dist-info")) {
      const path = `${sitePackages}/${entry}/METADATA`;
      readings.set(path, readPackage(root, path, entry));
    }
  }
  return readings;
}

/** The folder's name tells the version; only for packages that facts speak of is the line worth a read. */
function readPackage(root: string, path: string, folder: string): Reading {
  const named = readDistInfoName(folder);
  const isKnown = named.statements.some(
    (statement) => statement.kind === "package" && factKeyOf(statement.requirement.name) !== undefined,
  );
  const metadata = isKnown ? readFileText(join(root, path), 1_000_000) : undefined;
  const reading = metadata?.kind === "text" ? readMetadata({ path, text: metadata.text }) : named;
  return reading.statements.length > 0 ? reading : named;
}

/** Which Python an environment has, by the file that makes it one; conda keeps a record of it under its name. */
function readPythonOf(root: string, environment: string): { path: string; reading: Reading } | undefined {
  const path = `${environment}/pyvenv.cfg`;
  const configuration = readFileText(join(root, path), 100_000);
  if (configuration.kind === "text") {
    return { path, reading: readPyvenvCfg({ path, text: configuration.text }) };
  }
  for (const name of namesIn(join(root, environment, "conda-meta"))) {
    const reading = readCondaRecordName(name);
    if (reading.statements.length > 0) {
      return { path: `${environment}/conda-meta/${name}`, reading };
    }
  }
  return undefined;
}

/** An environment that was upgraded in place has a folder for each Python it ever had; the newest where nothing says which. */
function sitePackagesOf(root: string, environment: string, python: Reading | undefined): string {
  const [stated] = python?.statements ?? [];
  const version = stated?.kind === "python" ? /^\d+\.\d+/.exec(stated.value)?.[0] : undefined;
  const folders = namesIn(join(root, environment, "lib"))
    .filter((name) => LIBRARY_FOLDER.test(name))
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const own = folders.find((name) => LIBRARY_FOLDER.exec(name)?.[1] === version) ?? folders[0];
  return own === undefined ? `${environment}/Lib/site-packages` : `${environment}/lib/${own}/site-packages`;
}

/** `python3.13`, `python3.13t` without the global lock, `pypy3.10`. */
const LIBRARY_FOLDER = /^(?:python|pypy)(\d+\.\d+)t?$/;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
