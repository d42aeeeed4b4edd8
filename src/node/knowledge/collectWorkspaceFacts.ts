import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isCondaEnvironment, readCondaEnvironment } from "../../core/knowledge/environmentYml.ts";
import { installedFacts, readPythonVersionFile, readPyvenvCfg } from "../../core/knowledge/installedPackages.ts";
import { layoutFacts, readFlows, readHyperparameterFile } from "../../core/knowledge/layoutFacts.ts";
import { isPyproject, readPyproject } from "../../core/knowledge/pyprojectToml.ts";
import { isRequirementsFile, readRequirements } from "../../core/knowledge/requirementsTxt.ts";
import { isSetupCfg, readSetupCfg } from "../../core/knowledge/setupCfg.ts";
import { isSetupPy } from "../../core/knowledge/setupPy.ts";
import { mergeFacts, type TextFile, type WorkspaceFact } from "../../core/knowledge/workspaceFacts.ts";
import { mayTrain, rankTrainingScripts } from "../../core/training/trainingScript.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";

export type CollectedFacts = { facts: readonly WorkspaceFact[]; omissions: readonly string[] };

/** A kind of file and what it tells. The first that matches reads the file. */
type FactReader = {
  matches: (path: string) => boolean;
  read: (file: TextFile, signal?: AbortSignal) => WorkspaceFact[] | Promise<WorkspaceFact[]>;
  maxBytes?: number;
};

const READERS: readonly FactReader[] = [
  { matches: isRequirementsFile, read: readRequirements },
  { matches: isPyproject, read: readPyproject },
  { matches: isSetupCfg, read: readSetupCfg },
  { matches: isSetupPy, read: (file, signal) => pythonReader().read("setupPy", file, signal) },
  { matches: isCondaEnvironment, read: readCondaEnvironment },
  {
    matches: (path) => /(?:^|\/)(?:\.python-version|runtime\.txt)$/.test(path),
    read: readPythonVersionFile,
    maxBytes: 1_000,
  },
  { matches: (path) => /\.(?:ya?ml|json)$/.test(path), read: readHyperparameterFile, maxBytes: 64_000 },
];

/** Reads what a workspace folder says about itself. Nothing is imported, and no Python is started. */
export async function collectWorkspaceFacts(folder: string, signal?: AbortSignal): Promise<CollectedFacts> {
  const walk = await walkWorkspace(folder, { signal });
  const facts: WorkspaceFact[] = [];
  const scripts: TextFile[] = [];
  for (const { path, extension } of walk.files) {
    signal?.throwIfAborted();
    const reader = READERS.find((candidate) => candidate.matches(path));
    const isPython = extension === ".py";
    const text = reader || isPython ? await readSource(join(folder, path), reader?.maxBytes) : undefined;
    if (text === undefined) {
      continue;
    }
    facts.push(...((await reader?.read({ path, text }, signal)) ?? []));
    if (isPython && mayTrain(text)) {
      scripts.push({ path, text });
    }
  }
  const trainings = rankTrainingScripts(scripts).filter((candidate) => candidate.kind === "training");
  return {
    facts: mergeFacts([
      ...facts,
      ...trainings.map(
        ({ path, reasons }): WorkspaceFact => ({
          key: "training_script",
          value: path,
          note: reasons.slice(0, 2).join(", "),
          source: { path },
          confidence: "likely",
        }),
      ),
      ...scripts.flatMap(readFlows),
      ...layoutFacts(walk.files, walk.folders),
      ...(await collectInstalled(folder)),
    ]),
    omissions: walk.omissions,
  };
}

/** What is installed in the environment of the workspace folder, wherever its system puts it. */
async function collectInstalled(folder: string): Promise<WorkspaceFact[]> {
  for (const name of [".venv", "venv", "env"]) {
    const text = await readSource(join(folder, name, "pyvenv.cfg"));
    if (text === undefined) {
      continue;
    }
    const libraries = await readdir(join(folder, name, "lib")).catch(() => []);
    const python = libraries.find((entry) => entry.startsWith("python"));
    const sitePackages = python ? `${name}/lib/${python}/site-packages` : `${name}/Lib/site-packages`;
    const entries = await readdir(join(folder, sitePackages)).catch(() => []);
    return [...readPyvenvCfg({ path: `${name}/pyvenv.cfg`, text }), ...installedFacts(entries, sitePackages)];
  }
  return [];
}
