import { type PackageMention, packageFacts, pythonFact } from "./packageFacts.ts";
import type { WorkspaceFact } from "./workspaceFacts.ts";

/** The true versions, from the names of the `.dist-info` folders of an environment; no Python is started. */
export function installedFacts(entries: readonly string[], sitePackages: string): WorkspaceFact[] {
  return entries.flatMap((entry): WorkspaceFact[] => {
    const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    const mention: PackageMention[] = name && version ? [{ name, constraint: `${version} installed` }] : [];
    return packageFacts(mention, `${sitePackages}/${entry}/METADATA`);
  });
}

/** `version = 3.11.7` of the file that makes a folder a virtual environment. */
export function readPyvenvCfg({ path, text }: { path: string; text: string }): WorkspaceFact[] {
  const lines = text.split(/\r?\n/);
  const line = lines.findIndex((candidate) => /^version(?:_info)?\s*=/.test(candidate));
  const version = lines[line]?.split("=")[1]?.trim();
  return version ? [pythonFact(version.split(".").slice(0, 3).join("."), path, line)] : [];
}

/** `.python-version` and `runtime.txt` hold nothing else. */
export function readPythonVersionFile({ path, text }: { path: string; text: string }): WorkspaceFact[] {
  const version = /^(?:python-)?(\d+(?:\.\d+)*)\s*$/m.exec(text)?.[1];
  return version ? [pythonFact(version, path, 0)] : [];
}
