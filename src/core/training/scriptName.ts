import { UserError } from "../base/errors.ts";
import { nameWords } from "../base/nameWords.ts";
import { standardModules } from "../base/pythonModules.ts";

export type ParsedScriptName = { kind: "name"; moduleName: string } | { kind: "refused"; reason: string };

const MAX_NAME_LENGTH = 60;

const PYTHON_KEYWORDS = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
   lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

// Windows keeps these names for devices, whatever their ending.
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/;

// A script's folder comes first on Python's import path, so a script named like a module hides it from the libraries
// that import it.
const HIDDEN_MODULES = new Set([
  ...standardModules,
  "numpy",
  "scipy",
  "sklearn",
  "torch",
  "tensorboard",
  "metaflow",
  "joblib",
]);

/** The Python module name of a new script from what a person typed: "train cats" and "train-cats.py" mean train_cats. */
export function parseScriptName(text: string): ParsedScriptName {
  const typed = text.trim().replace(/\.py$/i, "");
  const example = 'for example "train"';
  if (typed === "") {
    return refuse(`A script needs a name, ${example}.`);
  }
  const strange = /[^A-Za-z0-9_\s-]/u.exec(typed)?.[0];
  if (strange !== undefined) {
    return refuse(
      `"${typed}" cannot name a script because of "${strange}". Use the letters a to z, digits and blanks, ${example}.`,
    );
  }
  const moduleName = nameWords(typed).join("_");
  if (!/^[a-z]/.test(moduleName)) {
    return refuse(`"${typed}" does not begin with a letter, and a Python name must. Begin with one, ${example}.`);
  }
  if (moduleName.length > MAX_NAME_LENGTH) {
    return refuse(`A script's name has at most ${MAX_NAME_LENGTH} characters; this one has ${moduleName.length}.`);
  }
  if (PYTHON_KEYWORDS.has(moduleName) || WINDOWS_DEVICES.test(moduleName)) {
    return refuse(`"${moduleName}" is a reserved word, so nothing could import the script. Add a word, ${example}.`);
  }
  if (HIDDEN_MODULES.has(moduleName)) {
    return refuse(
      `A script named ${moduleName}.py would hide the Python module "${moduleName}" from every library beside it. Add a word to the name, for example "train ${moduleName}".`,
    );
  }
  return { kind: "name", moduleName };
}

/** Like {@link parseScriptName}; throws the reason as a UserError. */
export function requireScriptName(text: string): string {
  const parsed = parseScriptName(text);
  if (parsed.kind === "refused") {
    throw new UserError(parsed.reason);
  }
  return parsed.moduleName;
}

function refuse(reason: string): ParsedScriptName {
  return { kind: "refused", reason };
}
