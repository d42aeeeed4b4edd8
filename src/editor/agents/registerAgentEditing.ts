import * as vscode from "vscode";
import type { AgentEditingDeps } from "./agentEditingDeps.ts";
import { AGENT_FILES, DIAGNOSTIC_SOURCE } from "./agentFiles.ts";

const AGENT_DOCUMENTS: vscode.DocumentSelector = { scheme: "file", pattern: AGENT_FILES };

const loadLanguage = () => import("./agentLanguage.ts");

/** What helps a person who writes an agent file. */
export function registerAgentEditing(deps: AgentEditingDeps): vscode.Disposable {
  const { languages } = vscode;
  return vscode.Disposable.from(
    languages.registerCodeActionsProvider(
      AGENT_DOCUMENTS,
      {
        async provideCodeActions(document, _range, { diagnostics }) {
          const own = diagnostics.filter(({ source }) => source === DIAGNOSTIC_SOURCE);
          return own.length === 0 ? [] : (await loadLanguage()).quickFixesFor(document, own, deps);
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    languages.registerCompletionItemProvider(
      AGENT_DOCUMENTS,
      {
        provideCompletionItems: async (document, position) =>
          (await loadLanguage()).completionsAt(document, position, deps),
      },
      "[",
      "{",
      " ",
    ),
    languages.registerHoverProvider(AGENT_DOCUMENTS, {
      provideHover: async (document, position) => (await loadLanguage()).hoverAt(document, position, deps),
    }),
  );
}
