import * as path from "node:path";
import * as vscode from "vscode";
import type { ListedAgent } from "../../core/chat/agentList.ts";
import type { AgentEvidence, AgentStanding } from "../../core/knowledge/triggers/mergeRankings.ts";
import { registerCommand } from "../base/commands.ts";
import type { AgentFiles } from "./agentFiles.ts";

export type AgentsViewDeps = {
  files: AgentFiles;
  rank: (signal: AbortSignal) => Promise<readonly AgentStanding[]>;
  /** Of the workspace: keeps that the suggestion was answered. */
  state: vscode.Memento;
  /** Opens the chat with an agent of it, or with a custom agent picked. */
  ask: (agent: ListedAgent) => Promise<void>;
};

type AgentsViewNode =
  | { kind: "suggestion"; listed: ListedAgent }
  | { kind: "agent"; listed: ListedAgent }
  | { kind: "evidence"; evidence: AgentEvidence };

const ANSWERED = "agents.suggestionAnswered";

/** Saving several files at once, as a refactoring does, is one change. */
const DEBOUNCE_MS = 1_000;

const loadList = () => import("../../core/chat/agentList.ts");

/** The "Agents" view: those that fit the workspace first, each with the evidence. Reads nothing until it is looked at. */
export function registerAgentsView(deps: AgentsViewDeps): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const refresh = () => changed.fire(undefined);
  const view = vscode.window.createTreeView<AgentsViewNode>("trainyard.agents", {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node ? childrenOf(node) : rootsOf(deps)),
      getTreeItem: renderNode,
    },
  });
  let timer: NodeJS.Timeout | undefined;
  const answer = async () => {
    await deps.state.update(ANSWERED, true);
    refresh();
  };
  return vscode.Disposable.from(
    view,
    changed,
    { dispose: () => clearTimeout(timer) },
    deps.files.onDidSettle(refresh),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    // What speaks for an agent stands in the files of the workspace.
    vscode.workspace.onDidSaveTextDocument(() => {
      clearTimeout(timer);
      timer = setTimeout(() => view.visible && refresh(), DEBOUNCE_MS);
    }),
    registerCommand("trainyard.askListedAgent", "Opening the chat", async (node) => {
      if (isListed(node)) {
        await deps.ask(node.listed);
        await (node.kind === "suggestion" ? answer() : undefined);
      }
    }),
    registerCommand("trainyard.dismissSuggestion", "Dismissing the suggestion", answer),
  );
}

async function rootsOf({ files, rank, state }: AgentsViewDeps): Promise<AgentsViewNode[]> {
  const [{ listAgents, suggestAgent }, { PARTICIPANT_NAMES }] = await Promise.all([
    loadList(),
    import("../../core/chat/participantNames.ts"),
  ]);
  const [catalog, standings] = await Promise.all([files.load(), rank(new AbortController().signal)]);
  const agents = listAgents(catalog, standings, PARTICIPANT_NAMES);
  const suggested = state.get(ANSWERED, false) ? undefined : suggestAgent(agents);
  return [
    ...(suggested === undefined ? [] : [{ kind: "suggestion" as const, listed: suggested }]),
    ...agents.map((listed): AgentsViewNode => ({ kind: "agent", listed })),
  ];
}

function childrenOf(node: AgentsViewNode): AgentsViewNode[] {
  return node.kind === "agent" ? node.listed.evidence.map((evidence) => ({ kind: "evidence", evidence })) : [];
}

function renderNode(node: AgentsViewNode): Promise<vscode.TreeItem> {
  return node.kind === "evidence" ? renderEvidence(node.evidence) : renderAgent(node.listed, node.kind);
}

async function renderAgent(listed: ListedAgent, kind: "agent" | "suggestion"): Promise<vscode.TreeItem> {
  const { addressOf, describeListedAgent, explainListedAgent } = await loadList();
  const isSuggestion = kind === "suggestion";
  const address = addressOf(listed);
  const hasChildren = !isSuggestion && listed.evidence.length > 0;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const label = isSuggestion ? `Start with ${address}` : address;
  const item = new vscode.TreeItem(label, hasChildren ? Collapsed : None);
  // Beside the longer label a reason would be cut off; it stands in the tooltip and below the agent's own row.
  const description = isSuggestion ? "" : describeListedAgent(listed);
  item.description = description;
  item.tooltip = new vscode.MarkdownString(explainListedAgent(listed));
  item.contextValue = kind;
  item.iconPath = iconOf(listed, isSuggestion);
  item.accessibilityInformation = { label: [label, description].filter((part) => part !== "").join(", ") };
  item.command = { command: "vscode.open", title: "Open", arguments: [vscode.Uri.file(listed.agent.path)] };
  return item;
}

function iconOf({ kind, problems }: ListedAgent, isSuggestion: boolean): vscode.ThemeIcon {
  if (isSuggestion) {
    return new vscode.ThemeIcon("lightbulb");
  }
  return problems > 0
    ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"))
    : new vscode.ThemeIcon(kind === "participant" ? "comment-discussion" : "person");
}

async function renderEvidence({ found, folder, source, trigger }: AgentEvidence): Promise<vscode.TreeItem> {
  const { formatSource } = await import("../../core/knowledge/fact.ts");
  const item = new vscode.TreeItem(found);
  item.description = formatSource(source);
  item.tooltip = `Trigger: ${trigger}`;
  item.iconPath = new vscode.ThemeIcon("check");
  item.contextValue = "evidence";
  const line = source.line ?? 0;
  const uri = vscode.Uri.file(path.join(folder, source.path));
  const isFile = source.line !== undefined || path.extname(source.path) !== "";
  item.command = isFile
    ? { command: "vscode.open", title: "Open", arguments: [uri, { selection: new vscode.Range(line, 0, line, 0) }] }
    : { command: "revealInExplorer", title: "Reveal", arguments: [uri] };
  return item;
}

function isListed(node: unknown): node is AgentsViewNode & { listed: ListedAgent } {
  return typeof node === "object" && node !== null && "listed" in node;
}
