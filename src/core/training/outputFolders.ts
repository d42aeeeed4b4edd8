import type { VectorEntry } from "./argumentVector.ts";
import { where } from "./argumentVector.ts";
import type { ScriptArgument, ScriptArguments } from "./scriptArguments.ts";
import type { ScriptFacts } from "./scriptFacts.ts";
import type { FolderMention } from "./scriptFolders.ts";

/** Where a training writes, as written in arguments or sources, and how that is known. */
export type OutputFolder = {
  path: string;
  reason: string;
  /** It merely exists; nothing says that this script writes to it. */
  isGuessed?: boolean;
};

export type OutputFolderFacts = {
  script: ScriptFacts;
  localModules: readonly ScriptFacts[];
  arguments: ScriptArguments;
  given: readonly VectorEntry[];
  /** Folders that exist where the training will run. */
  existing: readonly string[];
};

type ArgumentFacts = Pick<OutputFolderFacts, "arguments" | "given"> & { label: string };

/** Best first. Only names that say where to write: `checkpoint_path` and `model_path` are often read from. */
const CHECKPOINT_NAMES = [
  /(?:^|_)(?:checkpoints?|ckpts?|weights|snapshots?)_?(?:dir|directory|folder|root)$|^checkpoints$/,
  /(?:^|_)saved?_?(?:dir|directory|folder|path|root|to)$|^save$/,
  /(?:^|_)out(?:put)?s?_?(?:dir|directory|folder|path|root)$|^out(?:put)?$/,
  /(?:^|_)(?:models?|exp|experiment|work|run|default_root)_?(?:dir|directory|folder)$/,
];

const LOG_NAMES = [
  /(?:^|_)(?:tensorboard|tb)_?(?:log_?)?(?:dir|directory|folder)$/,
  /(?:^|_)log(?:ging|s)?_?(?:dir|directory|folder|path)$/,
];

export function detectCheckpointFolder(facts: OutputFolderFacts): OutputFolder | undefined {
  return (
    fromArguments(facts, CHECKPOINT_NAMES) ??
    fromSources(facts, "checkpoints") ??
    fromLightning(facts) ??
    fromExisting(facts, ["checkpoints", "checkpoint", "ckpts", "ckpt", "weights"])
  );
}

export function detectLogFolder(facts: OutputFolderFacts): OutputFolder | undefined {
  return (
    fromArguments(facts, LOG_NAMES) ??
    fromSources(facts, "logs") ??
    fromLightning(facts) ??
    fromExisting(facts, ["runs", "lightning_logs", "logs"])
  );
}

/** The argument that names a folder, with the folder that it names now. */
export type FolderArgument = { argument: ScriptArgument; folder: OutputFolder };

/** The arguments that decide where a run writes; runs that go on at once need different ones. */
export function folderArguments(facts: ArgumentFacts): FolderArgument[] {
  const found = [CHECKPOINT_NAMES, LOG_NAMES].map((names) => findArgument(facts, names));
  return found.filter((one) => one !== undefined);
}

/** Names that are surely of a folder: `--out` may be a file. */
const FOLDER_NAME = /(?:dir|directory|folder|root)$/;

/** The argument that would say where a run saves, but that has no default and was not given. */
export function unsetFolderArgument({ arguments: declared, given }: ArgumentFacts): ScriptArgument | undefined {
  // The last of the names say as often from where a model is read.
  const names = CHECKPOINT_NAMES.slice(0, -1);
  const unset = declared.arguments.filter(
    ({ name, kind, default: value }) =>
      kind !== "switch" && value === undefined && given.every((entry) => entry.declared?.name !== name),
  );
  return names.flatMap((pattern) => unset.filter(({ name }) => pattern.test(name) && FOLDER_NAME.test(name))).at(0);
}

function fromArguments(facts: OutputFolderFacts, names: readonly RegExp[]): OutputFolder | undefined {
  return findArgument({ ...facts, label: facts.script.label }, names)?.folder;
}

function findArgument(facts: ArgumentFacts, names: readonly RegExp[]): FolderArgument | undefined {
  for (const pattern of names) {
    const matches = facts.arguments.arguments.filter(
      (argument) => argument.kind !== "switch" && pattern.test(argument.name.slice(argument.name.lastIndexOf(".") + 1)),
    );
    for (const argument of matches) {
      const folder = folderOf(argument, facts);
      if (folder) {
        return { argument, folder };
      }
    }
  }
  return undefined;
}

function folderOf(argument: ScriptArgument, { given, label }: ArgumentFacts): OutputFolder | undefined {
  const entry = given.findLast((candidate) => candidate.declared?.name === argument.name);
  const path = entry?.value ?? argument.default;
  if (path === undefined || path === "" || path.includes("${")) {
    return undefined;
  }
  const folder = /[^/\\]\.[A-Za-z]\w*$/.test(path) ? parentOf(path) : path;
  const reason = entry ? `\`${argument.flag}\`` : `default of \`${argument.flag}\`${where(argument, label)}`;
  return { path: folder, reason };
}

function fromSources(facts: OutputFolderFacts, purpose: FolderMention["purpose"]): OutputFolder | undefined {
  for (const module of [facts.script, ...facts.localModules]) {
    const mention = module.folders.find((candidate) => candidate.purpose === purpose);
    if (mention) {
      return { path: mention.path, reason: `\`${mention.call}\` (${module.label}:${mention.line + 1})` };
    }
  }
  return undefined;
}

/** Lightning writes logs and checkpoints below one folder where nothing else is said. */
function fromLightning({ script, given }: OutputFolderFacts): OutputFolder | undefined {
  const usesTrainer = script.imports.some(({ module }) => /^(?:lightning|pytorch_lightning)\b/.test(module));
  if (!script.lightning && !usesTrainer) {
    return undefined;
  }
  const root = given.findLast((entry) => entry.flag.endsWith("default_root_dir"))?.value;
  return { path: root ? `${root}/lightning_logs` : "lightning_logs", reason: "where Lightning writes by default" };
}

function fromExisting({ existing }: OutputFolderFacts, names: readonly string[]): OutputFolder | undefined {
  const found = names.find((name) => existing.includes(name));
  return found === undefined ? undefined : { path: found, reason: "the folder exists", isGuessed: true };
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut > 0 ? path.slice(0, cut) : ".";
}
