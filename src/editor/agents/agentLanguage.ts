import * as vscode from "vscode";
import { agentDialect, VSCODE_TOOL_SETS } from "../../core/agents/dialect.ts";
import { type Cursor, cursorAt } from "../../core/agents/frontMatterCursor.ts";
import { completeAgent, explainAgentWord, type Lexicon, type Suggestion } from "../../core/chat/agentCompletion.ts";
import { languageModels } from "../base/languageModels.ts";
import { toRange } from "../base/toRange.ts";
import type { AgentEditingDeps } from "./agentEditingDeps.ts";
import { contributedTools } from "./windowWords.ts";

const KINDS = {
  key: vscode.CompletionItemKind.Property,
  agent: vscode.CompletionItemKind.User,
  tool: vscode.CompletionItemKind.Method,
  model: vscode.CompletionItemKind.Constant,
  trigger: vscode.CompletionItemKind.Event,
  placeholder: vscode.CompletionItemKind.Variable,
  value: vscode.CompletionItemKind.Value,
} satisfies Record<Suggestion["kind"], vscode.CompletionItemKind>;

/** What can stand at a place, with what it means. */
export async function completionsAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  deps: AgentEditingDeps,
): Promise<vscode.CompletionItem[]> {
  const cursor = cursorOf(document, position);
  if (cursor === undefined) {
    return [];
  }
  const lexicon = await collectLexicon(document, cursor, deps);
  return completeAgent(cursor, lexicon).map(({ kind, label, meaning, snippet }, index) => {
    const item = new vscode.CompletionItem({ label, description: kind === "key" ? "" : kind }, KINDS[kind]);
    item.insertText = new vscode.SnippetString(snippet);
    item.range = toRange(cursor.range);
    item.detail = kind === "key" ? undefined : meaning;
    item.documentation = kind === "key" ? meaning : undefined;
    item.sortText = String(index).padStart(4, "0");
    // A name with a slash or a space is no word of the editor.
    item.filterText = label;
    return item;
  });
}

/** What the word under the pointer means; of a trigger, what it finds here. */
export async function hoverAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  deps: AgentEditingDeps,
): Promise<vscode.Hover | undefined> {
  const cursor = cursorOf(document, position);
  if (cursor === undefined || cursor.written === "") {
    return undefined;
  }
  const text =
    cursor.kind === "value" && cursor.key === "triggers"
      ? await deps.explainTrigger(cursor.written)
      : explainAgentWord(cursor, await collectLexicon(document, cursor, deps));
  return text === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(text), toRange(cursor.range));
}

function cursorOf(document: vscode.TextDocument, { line, character }: vscode.Position): Cursor | undefined {
  return cursorAt(document.getText(), { line, column: character });
}

async function collectLexicon(
  document: vscode.TextDocument,
  cursor: Cursor,
  { files, readPlaceholders }: AgentEditingDeps,
): Promise<Lexicon> {
  const isValue = cursor.kind === "value";
  const { agents } = isValue ? await files.inspect() : { agents: [] };
  const models = isValue && cursor.key === "model" ? await languageModels() : [];
  return {
    dialect: agentDialect(document.uri.fsPath),
    hasNativeCompletion: document.languageId === "chatagent",
    agents: agents
      .filter(({ path }) => path !== document.uri.fsPath)
      .map(({ definition }) => ({ name: definition.name, meaning: definition.description })),
    tools: [
      ...VSCODE_TOOL_SETS.map((name) => ({ name, meaning: "Comes with VS Code" })),
      ...contributedTools().map(({ name, description }) => ({ name, meaning: description })),
    ],
    models: models.map(({ name, family }) => ({ name, meaning: family })),
    placeholders: cursor.kind === "placeholder" ? await readPlaceholders() : [],
  };
}

/** Repairs for what is underlined. */
export function quickFixesFor(
  document: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
  { files }: AgentEditingDeps,
): vscode.CodeAction[] {
  const problems = files.problemsOf(document.uri.fsPath);
  return diagnostics.flatMap((diagnostic) => {
    const problem = problems.find(
      ({ code, range }) => code === diagnostic.code && toRange(range).isEqual(diagnostic.range),
    );
    const actions: vscode.CodeAction[] = [];
    if (problem?.fix !== undefined) {
      const action = new vscode.CodeAction(problem.fix.title.replaceAll("`", ""), vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(document.uri, toRange(problem.fix.range), problem.fix.text);
      action.isPreferred = true;
      actions.push(action);
    }
    if (problem?.code === "unknown-handoff-target") {
      const name = document.getText(diagnostic.range).replaceAll(/["']/g, "");
      const title = `Create the agent ${name}…`;
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.command = { command: "trainyard.newAgent", title, arguments: [{ name }] };
      actions.push(action);
    }
    for (const action of actions) {
      action.diagnostics = [diagnostic];
    }
    return actions;
  });
}
