import { normalizeName } from "../pep/packageName.ts";

/** Something that can be looked for in a workspace. */
export type Detector =
  /** `packages` by their names on PyPI; `isAnyFramework` stands for every known ML framework. */
  | { kind: "dependency"; packages: readonly string[]; isAnyFramework: boolean }
  | { kind: "import"; modules: readonly string[] }
  /** `isOnFlow`: in a file with a class that derives from FlowSpec. */
  | { kind: "decorator"; name: string; isOnFlow: boolean }
  | { kind: "glob"; globs: readonly string[]; setsHyperparameters: boolean }
  /** `module`: one of the files in it must import it. */
  | { kind: "folder"; names: readonly string[]; module?: string };

/** A trigger fires when one of its detectors finds something. */
export type CompiledTrigger =
  | { kind: "compiled"; detectors: readonly Detector[] }
  /** `message` says what is not understood and what can be written. */
  | { kind: "unknown"; message: string };

/** Compiles the wording of a trigger, as agent files have it: `torch in dependencies`, `flows/ directory exists`. */
export function compileTrigger(text: string): CompiledTrigger {
  const wording = text.trim().replace(/\.$/, "");
  for (const compile of [compileDependency, compileDecorator, compileImport, compileFileKinds, compilePaths]) {
    const detectors = wording.length <= MAX_TRIGGER_CHARACTERS ? compile(wording) : undefined;
    if (detectors !== undefined) {
      return { kind: "compiled", detectors };
    }
  }
  return {
    kind: "unknown",
    message:
      `Nothing in a workspace can be looked for by \`${wording.slice(0, 80)}\`. Write \`torch in dependencies\`, \`torch imports\`, ` +
      "`@step decorators`, `flows/ directory exists`, `train.py exists` or `Checkpoint files (*.pt, *.ckpt)`.",
  };
}

const MAX_TRIGGER_CHARACTERS = 500;

/** `PyTorch, TensorFlow, or other ML framework in dependencies (requirements.txt)`; `depends on torch` */
function compileDependency(wording: string): Detector[] | undefined {
  const list =
    /^(.+?)\s+(?:in|among)\s+(?:the\s+)?dependencies(?:\s*\([^)]*\))?$/i.exec(wording)?.[1] ??
    /^depends\s+on\s+(.+)$/i.exec(wording)?.[1];
  if (list === undefined) {
    return undefined;
  }
  const items = splitList(list);
  const names = items.filter((item) => !isFrameworks(item));
  return names.every(isName)
    ? [{ kind: "dependency", packages: names.map(packageName), isAnyFramework: items.some(isFrameworks) }]
    : undefined;
}

function isFrameworks(item: string): boolean {
  return /^(?:(?:an?y?|other|another)\s+)*(?:ml|machine[ -]learning|deep[ -]learning)\s+frameworks?$/i.test(item);
}

/** `Flow class definitions with @step decorators`; `@flow decorators` */
function compileDecorator(wording: string): Detector[] | undefined {
  const [, subject = "", name] = /^(.*?)(?:\s*\bwith\s+)?@([\w.]+)(?:\s+decorators?)?$/i.exec(wording) ?? [];
  const isOnFlow = /^flow\b/i.test(subject);
  const isKnown =
    subject === "" ||
    isOnFlow ||
    /^(?:functions|classes|methods|function definitions|class definitions)$/i.test(subject);
  return name !== undefined && isKnown ? [{ kind: "decorator", name, isOnFlow }] : undefined;
}

/** `metaflow imports in Python files`; `imports torch or jax` */
function compileImport(wording: string): Detector[] | undefined {
  const list =
    /^(.+?)\s+imports?(?:\s+in\s+(?:python\s+)?files)?$/i.exec(wording)?.[1] ?? /^imports\s+(.+)$/i.exec(wording)?.[1];
  const modules = list === undefined ? [] : splitList(list);
  return modules.length > 0 && modules.every((module) => /^[A-Za-z_][\w.]*$/.test(module))
    ? [{ kind: "import", modules: modules.map((module) => moduleName(module)) }]
    : undefined;
}

/** `Checkpoint files (*.pt, *.ckpt)`; `Model configuration files (*.yaml, *.json with hyperparameters)` */
function compileFileKinds(wording: string): Detector[] | undefined {
  const [, list = "", content] = /^[\w -]*\bfiles?\s*\((.+?)(?:\s+with\s+(.+))?\)$/i.exec(wording) ?? [];
  const globs = splitList(list);
  const isHyperparameters = content !== undefined && /^hyper-?parameters$/i.test(content);
  const isUnderstood = content === undefined || isHyperparameters;
  return globs.length > 0 && globs.every(isPathLike) && isUnderstood
    ? [{ kind: "glob", globs, setsHyperparameters: isHyperparameters }]
    : undefined;
}

/** `train.py or training/ directory exists`; `flows/ or workflows/ directory with Metaflow patterns`; `*.ipynb` */
function compilePaths(wording: string): Detector[] | undefined {
  const [, subject = "", module] = /^(.+?)(?:\s+with\s+(\w+)\s+(?:patterns?|imports?|code))?$/i.exec(wording) ?? [];
  const list = subject.replace(/\s+exists?$/i, "");
  const isFolders = /\s(?:director(?:y|ies)|folders?)$/i.test(list);
  const items = splitList(list).map((item) => item.replace(/\s+(?:director(?:y|ies)|folders?|files?)$/i, ""));
  const folders = items.filter((item) => item.endsWith("/") || (isFolders && /^[\w-]+$/.test(item)));
  const globs = items.filter((item) => !folders.includes(item));
  // What is said to exist is a name, also without an ending: `Dockerfile exists`.
  const isGlob = list === subject ? isPathLike : (item: string) => isPathLike(item) || /^[\w-]+$/.test(item);
  if (!globs.every(isGlob) || (module !== undefined && globs.length > 0)) {
    return undefined;
  }
  const detectors: Detector[] = [];
  if (globs.length > 0) {
    detectors.push({ kind: "glob", globs, setsHyperparameters: false });
  }
  if (folders.length > 0) {
    const names = folders.map((folder) => folder.replace(/\/$/, ""));
    detectors.push({ kind: "folder", names, ...(module === undefined ? {} : { module: moduleName(module) }) });
  }
  return detectors.length > 0 ? detectors : undefined;
}

/** `a, b, or c` */
function splitList(list: string): string[] {
  return list
    .split(/\s*,\s*(?:or\s+|and\s+)?|\s+(?:or|and)\s+/i)
    .map((item) => item.trim().replace(/^`(.*)`$/, "$1"))
    .filter((item) => item !== "");
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(text);
}

/** A file name with an ending, or a glob. */
function isPathLike(text: string): boolean {
  return /^[\w./*?-]+$/.test(text) && /[*.]/.test(text);
}

/** What people call some packages. */
const SPOKEN_NAMES: ReadonlyMap<string, string> = new Map([
  ["pytorch", "torch"],
  ["sklearn", "scikit-learn"],
  ["huggingface", "transformers"],
]);

function packageName(spoken: string): string {
  const name = normalizeName(spoken);
  return SPOKEN_NAMES.get(name) ?? name;
}

/** The first name of a module in small letters, as people write it in any: `metaflow` for `Metaflow`, `pil` for `PIL`. */
function moduleName(spoken: string): string {
  const [first = ""] = spoken.toLowerCase().split(".");
  return first === "pytorch" ? "torch" : first;
}
