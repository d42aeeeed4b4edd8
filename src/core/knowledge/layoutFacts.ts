import { type Evidence, statementsOf } from "./evidence.ts";
import type { Fact, FactKey } from "./fact.ts";

/** What is in folders, which proves more, and what their names say: likely, never certain. */
export function layoutFacts(evidence: Evidence): Fact[] {
  const { folders, checkpointFolders } = evidence.layout;
  const named = folders.flatMap((folder): Fact[] => {
    const key = FOLDER_NAMES.find(([pattern]) => pattern.test(folder))?.[1];
    return key === undefined || (key === "data_dirs" && OF_SOMETHING_ELSE.test(folder))
      ? []
      : [likely(key, folder, "by its name")];
  });
  const checkpoints = [...checkpointFolders].map(([folder, file]) =>
    likely("model_dirs", folder === "" ? "." : folder, `holds ${file.slice(file.lastIndexOf("/") + 1)}`),
  );
  return [...checkpoints, ...foldersOfFiles(evidence), ...named];
}

/** Near the top only: `src/model/data` is code. */
const FOLDER_NAMES: readonly (readonly [RegExp, FactKey])[] = [
  [/^(?:[^/]+\/)?(?:data|datasets?)$/, "data_dirs"],
  [/^(?:[^/]+\/)?(?:configs?|conf)$/, "config_dirs"],
  [/^(?:[^/]+\/)?(?:training|train)$/, "training_dirs"],
  [/^(?:[^/]+\/)?(?:flows|workflows)$/, "flows_dirs"],
  [/^(?:[^/]+\/)?(?:checkpoints?|ckpts?)$/, "model_dirs"],
];

/** Where `data` names a group of configurations, a package of code, or examples. */
const OF_SOMETHING_ELSE = /^(?:configs?|conf|hydra|src|lib|tests?|docs?|examples?)\//;

/** Folders of flows, of training scripts and of configurations, each proved by one file in it, and those that code saves to. */
function foldersOfFiles(evidence: Evidence): Fact[] {
  const flows = statementsOf(evidence, "flow").map(({ name, source }) => at("flows_dirs", source, `defines ${name}`));
  const scripts = statementsOf(evidence, "script").filter(({ role }) => role === "training");
  const trainings = scripts.map(({ source }) => at("training_dirs", source, `has ${fileName(source.path)}`));
  const configurations = statementsOf(evidence, "configuration").map(({ of, source }) =>
    at("config_dirs", source, of === "hyperparameters" ? "sets hyperparameters" : `configures ${of}`),
  );
  const saved = statementsOf(evidence, "checkpoint-folder").map(
    ({ path, source }): Fact => ({
      key: "model_dirs",
      value: path.replace(/^\.\//, ""),
      why: "is saved to",
      source,
      confidence: "likely",
    }),
  );
  return [...flows, ...trainings, ...configurations, ...saved];
}

function at(key: FactKey, source: { path: string; line?: number }, why: string): Fact {
  const end = source.path.lastIndexOf("/");
  return { key, value: end === -1 ? "." : source.path.slice(0, end), why, source, confidence: "likely" };
}

function likely(key: FactKey, folder: string, why: string): Fact {
  return { key, value: folder, why, source: { path: folder }, confidence: "likely" };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
