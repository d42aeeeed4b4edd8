import { isNotebook } from "../../core/base/notebookCells.ts";
import { hasRelativeImport } from "../../core/base/pythonModule.ts";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import { purposeOfName } from "../../core/knowledge/commandPurpose.ts";
import { isFramework, packageOfModule } from "../../core/knowledge/knownPackages.ts";
import {
  CONFIG_READER,
  type ManifestReader,
  manifestReaderOf,
} from "../../core/knowledge/manifests/manifestReaders.ts";
import { readNotebook } from "../../core/knowledge/manifests/notebook.ts";
import { type Reading, ReadingBuilder, type Statement } from "../../core/knowledge/manifests/reading.ts";
import { readPythonFile } from "../../core/knowledge/pythonFile.ts";
import { rankTrainingScripts } from "../../core/training/trainingScript.ts";
import { type FileText, readFileText } from "./fileText.ts";
import { mayHoldFlows, readFlows } from "./readFlows.ts";

/** What a reader answers without a parser of Python where it needs one, which few files do. */
export const NEEDS_PARSER = "needs-parser";

type Read = Reading | typeof NEEDS_PARSER | undefined;

/** What reads a file of the workspace; nothing for the many that are only names. */
export type FileReader = (absolutePath: string, parser: PythonParser | undefined) => Read;

const MAX_PYTHON_BYTES = 1_000_000;
const MAX_NOTEBOOK_BYTES = 8_000_000;

export function fileReaderOf(path: string): FileReader | undefined {
  if (!mayTell(path)) {
    return undefined;
  }
  const isPython = path.endsWith(".py");
  const manifest = isPython && !isPythonManifest(path) ? undefined : manifestReaderOf(path);
  if (manifest !== undefined) {
    return (absolute, parser) => readManifest(path, absolute, { manifest, parser });
  }
  if (isPython) {
    return (absolute, parser) => readScript(path, absolute, parser);
  }
  if (isNotebook(path)) {
    return (absolute) => readWhole(absolute, MAX_NOTEBOOK_BYTES, ({ text }) => readNotebook({ path, text }));
  }
  // A folder of data may hold thousands of JSON files that configure nothing.
  const isConfig = CONFIG_READER.matches(path) && !/(?:^|\/)(?:data|datasets?)\//.test(path);
  return isConfig
    ? (absolute) => readManifest(path, absolute, { manifest: CONFIG_READER, parser: undefined })
    : undefined;
}

export function isReadable(path: string): boolean {
  return fileReaderOf(path) !== undefined;
}

/** A look at the ending, before the patterns of all readers are tried on each of a hundred thousand paths. */
function mayTell(path: string): boolean {
  const dot = path.lastIndexOf(".");
  const isPlainName = dot <= path.lastIndexOf("/") + 1;
  return isPlainName || ENDINGS.has(path.slice(dot + 1)) || /file\.[\w-]+$/i.test(path);
}

const ENDINGS = new Set(
  "py ipynb txt in toml lock cfg ini yml yaml json sh bash sbatch slurm just dockerfile Dockerfile".split(" "),
);

function isPythonManifest(path: string): boolean {
  return path.endsWith("setup.py") || path.endsWith("noxfile.py");
}

function readManifest(
  path: string,
  absolute: string,
  { manifest, parser }: { manifest: ManifestReader; parser: PythonParser | undefined },
): Read {
  const file = readFileText(absolute, manifest.maxBytes);
  if (file.kind === "unreadable") {
    return unreadable(file.reason);
  }
  if (file.kind === "too-large" && manifest !== CONFIG_READER) {
    return tooLarge(manifest.maxBytes, "warning");
  }
  if (file.kind !== "text") {
    return undefined;
  }
  if (!manifest.needsPython) {
    return manifest.read({ path, text: file.text });
  }
  return parser ? manifest.read({ path, text: file.text }, parser) : NEEDS_PARSER;
}

type WholeText = Extract<FileText, { kind: "text" }>;

function readWhole(absolute: string, maxBytes: number, read: (file: WholeText) => Read): Read {
  const file = readFileText(absolute, maxBytes);
  switch (file.kind) {
    case "text":
      return read(file);
    case "unreadable":
      return unreadable(file.reason);
    case "too-large":
      // A script or notebook of this size was generated, or holds pictures: nothing is wrong with it.
      return tooLarge(maxBytes, "information");
    case "gone":
      break;
  }
  return undefined;
}

function tooLarge(maxBytes: number, severity: "warning" | "information"): Reading {
  const reading = new ReadingBuilder();
  reading.report("too-large", 0, `The file is larger than ${maxBytes / 1_000_000} MB and was not read.`, severity);
  return reading.reading;
}

/** The code of the problem with what is there and tells nothing. */
export const UNREADABLE = "unreadable-file";

export function unreadable(reason: string): Reading {
  const reading = new ReadingBuilder();
  reading.report(UNREADABLE, 0, `It cannot be read: ${reason}.`);
  return reading.reading;
}

/** What makes the full look at a script worth its time. */
const TRAINING_HINT =
  /\.(?:step\(\)|backward\(|fit\w*\(|fine_tune\(|train\(|learn\(|apply_\w+\()|LightningCLI\(|\btrain\w*\(/;
const SCRIPT_NAME = /(?:train|tun(?:e|ing)|fit|main|run|start|launch|exp)[^/]*\.py$/i;

function readScript(path: string, absolute: string, parser: PythonParser | undefined): Read {
  return readWhole(absolute, MAX_PYTHON_BYTES, ({ text, encoding }) => {
    if (encoding !== "utf-8") {
      const what = encoding === "utf-16" ? "it is UTF-16. Save it as UTF-8" : "it has null bytes, so it is no text";
      return unreadable(`Python refuses it, as ${what}`);
    }
    const plain = readPythonFile({ text });
    if (!mayHoldFlows(plain, text)) {
      return withScript(plain, path, text);
    }
    if (parser === undefined) {
      return NEEDS_PARSER;
    }
    const { statements, problems } = readFlows({ path, text }, parser);
    const whole = { statements: [...plain.statements, ...statements], problems: [...plain.problems, ...problems] };
    return statements.length > 0 ? whole : withScript(whole, path, text);
  });
}

/** A file that is no flow may be a script that a person starts. */
function withScript(reading: Reading, path: string, text: string): Reading {
  const script = scriptOf(path, text, reading.statements);
  return script ? { ...reading, statements: [...reading.statements, script] } : reading;
}

function scriptOf(path: string, text: string, statements: readonly Statement[]): Statement | undefined {
  const usesFramework = statements.some(
    (statement) => statement.kind === "import" && isFramework(packageOfModule(statement.module) ?? ""),
  );
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (usesFramework && isEvaluation(name) && !/(?:^|\/)tests?\//.test(path)) {
    return {
      kind: "script",
      role: "evaluation",
      score: 50 - path.split("/").length,
      reasons: [`named ${name}`],
      line: 0,
    };
  }
  if (!SCRIPT_NAME.test(name) && !(usesFramework && TRAINING_HINT.test(text))) {
    return undefined;
  }
  const [candidate] = rankTrainingScripts([{ path, text }]);
  return candidate?.kind === "training"
    ? {
        kind: "script",
        role: "training",
        score: candidate.score,
        reasons: candidate.reasons,
        line: 0,
        ...(hasRelativeImport(text) ? { isInPackage: true as const } : {}),
      }
    : undefined;
}

function isEvaluation(fileName: string): boolean {
  return fileName.endsWith(".py") && purposeOfName(fileName.slice(0, -".py".length)) === "validate_command";
}
