import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { type PackageMention, packageFacts, parseRequirement, pythonFact } from "./packageFacts.ts";
import type { TextFile, WorkspaceFact } from "./workspaceFacts.ts";

export function isCondaEnvironment(path: string): boolean {
  return /(?:^|\/)(?:environment|conda)[\w.-]*\.ya?ml$/.test(path);
}

/** The `dependencies` of a conda environment, `channel::name=version=build`, with the `pip:` list inside them. */
export function readCondaEnvironment({ path, text }: TextFile): WorkspaceFact[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const items = isMap(document.contents) ? document.contents.get("dependencies", true) : undefined;
  const lineAt = (range: readonly number[] | null | undefined) => lines.linePos(range?.[0] ?? 0).line - 1;
  const mentions: PackageMention[] = [];
  const python: WorkspaceFact[] = [];
  for (const item of isSeq(items) ? items.items : []) {
    if (isScalar(item)) {
      const mention = condaMention(String(item.value), lineAt(item.range));
      if (mention.name === "python") {
        python.push(pythonFact(mention.constraint, path, mention.line));
      } else {
        mentions.push(mention);
      }
    } else if (isMap(item)) {
      const nested = item.get("pip", true);
      for (const pip of isSeq(nested) ? nested.items : []) {
        const mention = isScalar(pip) ? parseRequirement(String(pip.value), lineAt(pip.range)) : undefined;
        if (mention) {
          mentions.push(mention);
        }
      }
    }
  }
  return [...packageFacts(mentions, path), ...python];
}

function condaMention(text: string, line: number): PackageMention {
  const plain = text.slice(text.includes("::") ? text.indexOf("::") + 2 : 0);
  const [, name = "", rest = ""] = /^([\w.-]+)\s*(.*)$/.exec(plain) ?? [];
  // One `=` is conda's "this version and what follows it"; the part after a second one names a build.
  const constraint = /^=[^=]/.test(rest) ? `=${rest.slice(1).split("=")[0]}` : rest.replace(/\s+/g, "");
  return { name, constraint, line };
}
