import { type Evidence, statementsOf } from "./evidence.ts";
import type { MarkerEnvironment } from "./pep/marker.ts";

/** The values that markers ask for on this machine, as far as they are known: its platform, and the Python of the workspace. */
export function markerEnvironment(evidence: Evidence): MarkerEnvironment {
  const python = workspacePython(evidence);
  const [major, minor, patch] = python?.split(".") ?? [];
  return {
    ...evidence.machine,
    ...(minor === undefined ? {} : { python_version: `${major}.${minor}` }),
    ...(python === undefined || patch === undefined
      ? {}
      : { python_full_version: python, implementation_version: python }),
  };
}

/** The version of the environment, else the one version that files name; a range names none. */
function workspacePython(evidence: Evidence): string | undefined {
  const stated = statementsOf(evidence, "python");
  const installed = stated.find(({ standing }) => standing === "installed");
  const values = (installed ? [installed] : stated).map(({ value }) => value);
  const versions = new Set(values.filter((value) => /^\d+\.\d+(?:\.\d+)?$/.test(value)));
  const [version] = versions;
  return versions.size === 1 ? version : undefined;
}
