import { readdirSync } from "node:fs";
import { join } from "node:path";
import { factKeyOf } from "../../core/knowledge/knownPackages.ts";
import { readDistInfoName, readMetadata, readPyvenvCfg } from "../../core/knowledge/manifests/installed.ts";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import { readFileText } from "./fileText.ts";

/** The Python and the packages of a virtual environment, by the paths that prove them. No Python is started. */
export function readEnvironment(root: string, environment: string): Map<string, Reading> {
  const readings = new Map<string, Reading>();
  const configuration = readFileText(join(root, environment, "pyvenv.cfg"), 100_000);
  if (configuration.kind === "text") {
    const path = `${environment}/pyvenv.cfg`;
    readings.set(path, readPyvenvCfg({ path, text: configuration.text }));
  }
  const sitePackages = sitePackagesOf(root, environment);
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

function sitePackagesOf(root: string, environment: string): string {
  const python = namesIn(join(root, environment, "lib")).find((name) => name.startsWith("python"));
  return python === undefined ? `${environment}/Lib/site-packages` : `${environment}/lib/${python}/site-packages`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
