import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import { buildHandoffGraph } from "../../core/agents/handoffGraph.ts";
import { handoffPicture } from "../../core/agents/handoffPicture.ts";
import { PARTICIPANT_NAMES } from "../../core/chat/participantNames.ts";
import { openGraphPanel, revealGraphPanel } from "../base/graphPanel.ts";
import { showError } from "../base/reportError.ts";
import type { AgentFiles } from "./agentFiles.ts";

const SUBJECT = "agents";

const onError = (error: unknown) => void showError(error, "Drawing the agents");

/** "Trainyard: Show Agents": who hands to whom, which target is missing, what sends by itself. Follows what is typed. */
export async function showAgentGraph(files: AgentFiles, extensionFolder: string): Promise<void> {
  let catalog = await files.inspect();
  if (revealGraphPanel(SUBJECT)) {
    return;
  }
  const changed = new vscode.EventEmitter<void>();
  const panel = openGraphPanel({
    viewType: "trainyard.agentGraph",
    title: "Agents",
    subject: SUBJECT,
    icon: "organization",
    column: vscode.ViewColumn.Active,
    extensionFolder,
    picture: () => handoffPicture(buildHandoffGraph(catalog, PARTICIPANT_NAMES)),
    onDidChange: changed.event,
    open: (name) => openAgent(name, catalog),
    onError,
  });
  const followed = files.onDidSettle((settled) => {
    catalog = settled;
    changed.fire();
  });
  panel.onDidDispose(() => vscode.Disposable.from(followed, changed).dispose());
}

/** Opens the file of an agent; of one that does not exist, the handoff that names it. */
async function openAgent(name: string, { agents }: AgentCatalog): Promise<void> {
  const own = agents.find(({ definition }) => definition.name === name);
  const agent = own ?? agents.find(({ definition }) => definition.handoffs.some((handoff) => handoff.agent === name));
  if (agent === undefined) {
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(agent.path));
  const at = own === undefined ? document.positionAt(document.getText().indexOf(name)) : new vscode.Position(0, 0);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(at, at),
  });
}
