import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { interpreterCandidates } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { probeInterpreter } from "./interpreters.ts";

/** The Pythons of the environments that lie in the given folders (`.venv` and its like), where it is not the given one. */
export function pythonsBeside(folders: readonly string[], used: string): string[] {
  const platform = process.platform === "win32" ? "win32" : "posix";
  return folders
    .flatMap((folder) =>
      interpreterCandidates({ environment: {}, folders: [folder], platform, workspaceFolder: folder }),
    )
    .map(({ path }) => path)
    .filter((path) => existsSync(path) && dirname(path) !== dirname(used));
}

/** The nearest Python at or above the folder of a run that has a module which the run's own Python lacks. */
export async function findPythonWith(module: string, { cwd, interpreter }: LaunchPlan): Promise<string | undefined> {
  const [top = module] = module.split(".");
  for (const path of pythonsBeside(foldersAbove(cwd), interpreter.path)) {
    const probe = await probeInterpreter(path, [top], { environment: process.env });
    if (!("problem" in probe) && probe.missing.length === 0) {
      return path;
    }
  }
  return undefined;
}

/** A folder and every one above it. */
function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}
