import { type PackageMention, packageFacts, parseRequirement } from "./packageFacts.ts";
import type { TextFile, WorkspaceFact } from "./workspaceFacts.ts";

export function isRequirementsFile(path: string): boolean {
  return /(?:^|\/)(?:requirements|constraints)[\w.-]*\.(?:txt|in)$|(?:^|\/)requirements\/[\w.-]+\.(?:txt|in)$/.test(
    path,
  );
}

/** One requirement a line; comments, options (`-r`, `-e`, `--hash`) and continued lines are understood. */
export function readRequirements({ path, text }: TextFile): WorkspaceFact[] {
  const mentions: PackageMention[] = [];
  let pending = "";
  let start = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    start = pending === "" ? index : start;
    pending += line.replace(/(?:^|\s)#.*$/, "");
    if (pending.endsWith("\\")) {
      pending = `${pending.slice(0, -1)} `;
      continue;
    }
    const mention = pending.trim().startsWith("-") ? undefined : parseRequirement(pending, start);
    if (mention) {
      mentions.push(mention);
    }
    pending = "";
  }
  return packageFacts(mentions, path);
}
