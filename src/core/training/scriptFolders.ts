import { readConstant } from "../base/pythonLiteral.ts";
import { type PythonCall, type PythonNode, readCall } from "../base/pythonSyntax.ts";
import type { ParsedScript } from "./parsedScript.ts";

/** A folder that the source of a script names, before anyone knows which arguments it will get. */
export type FolderMention = {
  purpose: "checkpoints" | "logs";
  /** As the script writes it, relative to where it runs. */
  path: string;
  /** The call that names it: `torch.save`. */
  call: string;
  line: number;
  /** The call fails where the folder is missing. */
  needsFolder?: true;
};

type Mention = {
  purpose: FolderMention["purpose"];
  keywords: readonly string[];
  position?: number;
  isFile?: boolean;
  /** The call names a folder for checkpoints only with this keyword. */
  needs?: string;
};

/** By the last name of the call. */
const CALLS: Readonly<Record<string, Mention>> = {
  save: { purpose: "checkpoints", keywords: ["f"], position: 1, isFile: true },
  save_file: { purpose: "checkpoints", keywords: ["filename"], position: 1, isFile: true },
  save_model: { purpose: "checkpoints", keywords: ["filename"], position: 1, isFile: true },
  save_weights: { purpose: "checkpoints", keywords: ["filepath"], position: 0, isFile: true },
  save_checkpoint: { purpose: "checkpoints", keywords: ["filepath", "path", "save_dir", "filename"], isFile: true },
  save_pretrained: { purpose: "checkpoints", keywords: ["save_directory"], position: 0 },
  save_state: { purpose: "checkpoints", keywords: ["output_dir"], position: 0 },
  // Lightning's takes a folder, Keras' a file.
  ModelCheckpoint: { purpose: "checkpoints", keywords: ["dirpath", "filepath"], position: 0 },
  // save_state() then saves below it without being told where.
  ProjectConfiguration: {
    purpose: "checkpoints",
    keywords: ["project_dir"],
    position: 0,
    needs: "automatic_checkpoint_naming",
  },
  TrainingArguments: { purpose: "checkpoints", keywords: ["output_dir"], position: 0 },
  Seq2SeqTrainingArguments: { purpose: "checkpoints", keywords: ["output_dir"], position: 0 },
  SummaryWriter: { purpose: "logs", keywords: ["log_dir", "logdir"], position: 0 },
  TensorBoard: { purpose: "logs", keywords: ["log_dir"], position: 0 },
  TensorBoardLogger: { purpose: "logs", keywords: ["save_dir"], position: 0 },
  CSVLogger: { purpose: "logs", keywords: ["save_dir", "filename"], position: 0 },
  create_file_writer: { purpose: "logs", keywords: ["logdir"], position: 0 },
};

/** These write one file and make no folder for it. */
const NEEDS_FOLDER = new Set(["save", "save_file"]);

/** What the calls write where nothing is said. */
const DEFAULTS: Readonly<Record<string, string>> = { SummaryWriter: "runs" };

/** Only modules whose `save` writes a checkpoint; `image.save` and `figure.save` do not. */
const SAVE_OWNERS = /^(?:torch|th|xm|accelerator|fabric|jnp|joblib|safetensors(?:\.torch)?)?$/;

/** Folders written out in calls that save checkpoints or logs, in the order of the source. */
export function readFolderMentions({ calls, constants }: ParsedScript): FolderMention[] {
  return calls.flatMap((call): FolderMention[] => {
    const mention = Object.hasOwn(CALLS, call.method) ? CALLS[call.method] : undefined;
    const isMeant = mention?.needs === undefined || call.keywords.has(mention.needs);
    if (!mention || !isMeant || (call.method === "save" && !SAVE_OWNERS.test(call.callee.slice(0, -".save".length)))) {
      return [];
    }
    const node =
      mention.keywords.map((keyword) => call.keywords.get(keyword)).find((value) => value !== undefined) ??
      (mention.position === undefined ? undefined : call.positional[mention.position]);
    const written = node ? leadingPath(node, constants) : DEFAULTS[call.method];
    const path = written !== undefined && (mention.isFile || /\.\w+$|…$/.test(written)) ? parentOf(written) : written;
    return path === undefined || path === ""
      ? []
      : [
          {
            purpose: mention.purpose,
            path,
            call: call.callee || call.method,
            line: call.line,
            ...(NEEDS_FOLDER.has(call.method) ? { needsFolder: true as const } : {}),
          },
        ];
  });
}

/** Whether a file makes any folder: then which ones only running it could tell. */
export function makesFolders({ calls }: ParsedScript): boolean {
  return calls.some(({ method }) => /^(?:makedirs|mkdir|make_dirs?|ensure_dir\w*|create_dir\w*)$/.test(method));
}

type WritingFile = { label: string; folders: readonly FolderMention[]; makesFolders: boolean };

/** A sentence for each folder that a save needs, that is not there, and that nothing in the sources makes. */
export function missingFolderWarnings(files: readonly WritingFile[], exists: (path: string) => boolean): string[] {
  if (files.some((file) => file.makesFolders)) {
    return [];
  }
  const warned = new Set<string>();
  return files.flatMap(({ label, folders }) =>
    folders.flatMap(({ path, call, line, needsFolder }) => {
      if (needsFolder !== true || warned.has(path) || exists(path)) {
        return [];
      }
      warned.add(path);
      return [
        `\`${path}\` does not exist and nothing makes it, so the first ${call} (${label}:${line + 1}) would fail and lose what was trained until then. Make the folder first.`,
      ];
    }),
  );
}

/** The constant beginning of a path: `checkpoints/epoch_` of `f"checkpoints/epoch_{epoch}.pt"`. */
function leadingPath(node: PythonNode, constants: ReadonlyMap<string, PythonNode>): string | undefined {
  const literal = readConstant(node, constants);
  if (literal) {
    return literal.kind === "string" ? literal.value : undefined;
  }
  switch (node.type) {
    case "identifier": {
      const value = constants.get(node.text);
      return value && value.type !== "identifier" ? leadingPath(value, constants) : undefined;
    }
    case "string": {
      const [first] = node.namedChildren.slice(1);
      // What follows a field is not known, so the text before it is cut at its last folder by the caller.
      return first?.type === "string_content" ? `${first.text}…` : undefined;
    }
    case "binary_operator":
      return joinPaths([node.childForFieldName("left"), node.childForFieldName("right")], constants);
    case "call":
      return pathOfCall(readCall(node), constants);
    default:
      return undefined;
  }
}

function pathOfCall(call: PythonCall, constants: ReadonlyMap<string, PythonNode>): string | undefined {
  if (call.method === "join" || call.method === "Path") {
    return joinPaths(call.positional, constants);
  }
  const owner = call.node.childForFieldName("function")?.childForFieldName("object");
  return call.method === "format" && owner ? readBeforeField(owner, constants) : undefined;
}

function readBeforeField(node: PythonNode, constants: ReadonlyMap<string, PythonNode>): string | undefined {
  const text = leadingPath(node, constants);
  return text === undefined ? undefined : text.replace(/\{[\s\S]*$/, "…");
}

/** Joins until the first part that only running the script could tell. */
function joinPaths(
  parts: readonly (PythonNode | null)[],
  constants: ReadonlyMap<string, PythonNode>,
): string | undefined {
  const known: string[] = [];
  for (const part of parts) {
    const text = part ? leadingPath(part, constants) : undefined;
    if (text === undefined) {
      return known.length > 0 ? `${known.join("/")}/…` : undefined;
    }
    known.push(text.replace(/\/+$/, ""));
    if (text.endsWith("…")) {
      break;
    }
  }
  return known.join("/");
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut > 0 ? path.slice(0, cut) : "";
}
