import { type PackageMention, packageFacts, parseRequirement, pythonFact } from "./packageFacts.ts";
import type { TextFile, WorkspaceFact } from "./workspaceFacts.ts";

export function isSetupCfg(path: string): boolean {
  return /(?:^|\/)setup\.cfg$/.test(path);
}

/** `install_requires` and `python_requires` of `[options]`, and all of `[options.extras_require]`. */
export function readSetupCfg({ path, text }: TextFile): WorkspaceFact[] {
  const mentions: PackageMention[] = [];
  const python: WorkspaceFact[] = [];
  let section = "";
  let key = "";
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const header = /^\[(.+)\]\s*$/.exec(line);
    const assignment = /^([\w.-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (header) {
      section = header[1] ?? "";
      key = "";
      continue;
    }
    const value = assignment ? (assignment[2] ?? "") : line.trim();
    key = assignment ? (assignment[1] ?? "") : key;
    if (section === "options" && key === "python_requires" && value !== "") {
      python.push(pythonFact(value, path, index));
    }
    const isList = (section === "options" && key === "install_requires") || section === "options.extras_require";
    const mention = isList && !value.startsWith("#") ? parseRequirement(value, index) : undefined;
    if (mention) {
      mentions.push(mention);
    }
  }
  return [...packageFacts(mentions, path), ...python];
}
