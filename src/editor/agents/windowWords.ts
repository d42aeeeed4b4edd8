import * as vscode from "vscode";
import type { KnownWords } from "../../core/agents/checkWords.ts";
import type { ModelName } from "../../core/chat/agentTools.ts";

/** A tool as it is named in agent files, with what it is for. */
export type ToolWord = { name: string; description: string };

/**
 * The tools of this window. VS Code tells tools by their internal names, and agent files name them by those that the
 * manifests of extensions give them, so both are looked up.
 */
export function windowTools(): ToolWord[] {
  const contributed = vscode.extensions.all.flatMap(({ id, packageJSON }) => {
    const { languageModelTools: tools = [], languageModelToolSets: sets = [] } = contributionsOf(packageJSON);
    const named = tools.flatMap((tool) =>
      tool.toolReferenceName === undefined
        ? []
        : [{ name: `${id}/${tool.toolReferenceName}`, description: tool.userDescription ?? tool.displayName ?? "" }],
    );
    return [...named, ...sets.map((set) => ({ name: set.name ?? "", description: set.description ?? "" }))];
  });
  const registered = vscode.lm.tools.map(({ name, description }) => ({ name, description }));
  return [...contributed, ...registered].filter(({ name }) => name !== "");
}

type Contributions = {
  languageModelTools?: readonly { toolReferenceName?: string; userDescription?: string; displayName?: string }[];
  languageModelToolSets?: readonly { name?: string; description?: string }[];
};

function contributionsOf(manifest: unknown): Contributions {
  const hasContributions = typeof manifest === "object" && manifest !== null && "contributes" in manifest;
  return hasContributions ? (manifest.contributes ?? {}) : {};
}

/** The language models of this window; `Built-in (no AI)` is none. */
export async function windowModels(): Promise<ModelName[]> {
  const models = await vscode.lm.selectChatModels();
  return models.filter(({ vendor }) => vendor !== "trainyard");
}

/** What agent files may name in this window. */
export async function windowWords(): Promise<KnownWords> {
  const { agentWords } = await import("../../core/chat/agentWords.ts");
  return agentWords(
    windowTools().map(({ name }) => name),
    await windowModels(),
  );
}
