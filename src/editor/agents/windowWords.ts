import * as vscode from "vscode";
import type { KnownWords } from "../../core/agents/checkWords.ts";
import { languageModels } from "../base/languageModels.ts";

/** A tool as it is named in agent files, with what it is for. */
export type ToolWord = { name: string; description: string };

/** The tools of extensions by the names that agent files use, which only the manifests of the extensions tell. */
export function contributedTools(): ToolWord[] {
  const contributed = vscode.extensions.all.flatMap(({ id, packageJSON }) => {
    const { languageModelTools: tools = [], languageModelToolSets: sets = [] } = contributionsOf(packageJSON);
    const named = tools.flatMap((tool) =>
      tool.toolReferenceName === undefined
        ? []
        : [{ name: `${id}/${tool.toolReferenceName}`, description: tool.userDescription ?? tool.displayName ?? "" }],
    );
    return [...named, ...sets.map((set) => ({ name: set.name ?? "", description: set.description ?? "" }))];
  });
  return contributed.filter(({ name }) => name !== "");
}

type Contributions = {
  languageModelTools?: readonly { toolReferenceName?: string; userDescription?: string; displayName?: string }[];
  languageModelToolSets?: readonly { name?: string; description?: string }[];
};

function contributionsOf(manifest: unknown): Contributions {
  const hasContributions = typeof manifest === "object" && manifest !== null && "contributes" in manifest;
  return hasContributions ? (manifest.contributes ?? {}) : {};
}

/** What agent files may name in this window. */
export async function windowWords(): Promise<KnownWords> {
  const { agentWords } = await import("../../core/chat/agentWords.ts");
  // VS Code itself tells tools by their internal names, which a file may use as well.
  const tools = [...contributedTools(), ...vscode.lm.tools].map(({ name }) => name);
  return agentWords(tools, await languageModels());
}
