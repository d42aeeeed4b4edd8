import type { FactKey, TextFile, WorkspaceFact } from "./workspaceFacts.ts";

/** What the names of files and folders say: likely, never certain. */
export function layoutFacts(
  files: readonly { path: string; extension: string }[],
  folders: readonly string[],
): WorkspaceFact[] {
  const named = folders.flatMap((folder): WorkspaceFact[] => {
    const key = FOLDER_NAMES.find(([pattern]) => pattern.test(folder))?.[1];
    return key ? [likely(key, folder)] : [];
  });
  return [...named, ...checkpointFolders(files)];
}

/** Near the top only: `src/model/data` is code. */
const FOLDER_NAMES: readonly (readonly [RegExp, FactKey])[] = [
  [/^(?:[^/]+\/)?(?:data|datasets?)$/, "data_dirs"],
  [/^(?:[^/]+\/)?(?:configs?|conf)$/, "config_dirs"],
  [/^(?:[^/]+\/)?(?:training|train)$/, "training_dirs"],
];

const CHECKPOINT_EXTENSIONS = new Set([".pt", ".pth", ".ckpt", ".safetensors", ".h5", ".keras"]);

function checkpointFolders(files: readonly { path: string; extension: string }[]): WorkspaceFact[] {
  const folders = new Set(
    files
      // Prepared data sets are often tensors as well.
      .filter(
        ({ path, extension }) => CHECKPOINT_EXTENSIONS.has(extension) && !/(?:^|\/)(?:data|datasets?)\//.test(path),
      )
      .map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) || "."),
  );
  return [...folders].map((folder) => likely("model_dirs", folder));
}

/** A configuration that trains: the first line that sets a hyper-parameter proves it. */
export function readHyperparameterFile({ path, text }: TextFile): WorkspaceFact[] {
  const pattern = /^\s*["']?(?:lr|learning_rate|epochs|max_epochs|num_train_epochs|batch_size|weight_decay)["']?\s*:/;
  const line = text.split("\n").findIndex((candidate) => pattern.test(candidate));
  return line < 0 ? [] : [{ key: "config_dirs", value: path, source: { path, line }, confidence: "likely" }];
}

/** The flows of a file, each with the line of its class. */
export function readFlows({ path, text }: TextFile): WorkspaceFact[] {
  const flows = text.split("\n").flatMap((line, index): WorkspaceFact[] => {
    const name = /^class\s+(\w+)\s*\([^)]*\bFlowSpec\b/.exec(line)?.[1];
    return name === undefined
      ? []
      : [{ key: "flow", value: name, source: { path, line: index }, confidence: "certain" }];
  });
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return flows.length > 0 && folder !== "" ? [...flows, { ...likely("flows_dirs", folder), source: { path } }] : flows;
}

function likely(key: FactKey, folder: string): WorkspaceFact {
  return { key, value: folder, source: { path: folder }, confidence: "likely" };
}
