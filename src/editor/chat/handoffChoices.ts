import * as vscode from "vscode";
import { type AgentCatalog, findAgent } from "../../core/agents/agentCatalog.ts";
import { renderAgentTemplate } from "../../core/agents/agentTemplate.ts";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import type { HandoffArguments, HandoffChoice } from "../../core/chat/handoffArguments.ts";
import type { HandoffTarget } from "../../core/chat/handoffTarget.ts";
import { PARTICIPANT_NAMES } from "../../core/chat/participantNames.ts";

/** Asks which handoff is meant: of all our agents, or of the one that `choice` names, whose context goes along. */
export async function chooseHandoff(
  catalog: AgentCatalog,
  choice?: HandoffChoice,
): Promise<HandoffArguments | undefined> {
  const items = (choice === undefined ? PARTICIPANT_NAMES : [choice.from]).flatMap((from) =>
    (findAgent(catalog, from)?.definition.handoffs ?? []).map(({ agent, label, prompt, send }) => ({
      label,
      description: `${choice === undefined ? `${from} → ` : ""}@${agent}${findAgent(catalog, agent) ? "" : " (not installed: choose who takes over, or create it)"}`,
      detail: prompt,
      handoff: { from, to: agent, label, prompt, send, origin: "elsewhere" as const },
    })),
  );
  if (items.length === 0) {
    throw new UserError(
      `The file of ${choice?.from ?? "no agent"} names no handoffs. Trainyard: Show Agents opens it.`,
    );
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: "Hand over to another agent",
    placeHolder: choice?.runId === undefined ? "The latest run and its checkpoint go along" : "The run goes along",
    matchOnDescription: true,
  });
  if (picked === undefined) {
    return undefined;
  }
  const { choose: _choose, ...context } = choice ?? { choose: true };
  return { ...picked.handoff, ...context };
}

type Choice = vscode.QuickPickItem & { run(): Promise<string | undefined> };

/** Asks who takes over from an agent that does not exist. Gives the name of the agent to go to, if any. */
export async function chooseForMissing(
  target: HandoffTarget & { kind: "missing" },
  handoff: HandoffArguments,
): Promise<string | undefined> {
  const items = target.alternatives.map((alternative): Choice => {
    if (alternative.kind === "participant") {
      const isSame = alternative.name === handoff.from;
      return {
        label: isSame
          ? `$(comment-discussion) Let @${alternative.name} do it itself`
          : `$(comment-discussion) Hand over to @${alternative.name}`,
        detail: oneLine(alternative.reason, 120),
        run: () => Promise.resolve(alternative.name),
      };
    }
    return {
      label: `$(new-file) Create ${alternative.name} from a template`,
      detail: `Writes ${alternative.path} and opens it; VS Code then lists it as a custom agent`,
      run: async () => {
        await createAgent(alternative, handoff);
        return undefined;
      },
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: `${handoff.label}: there is no agent called ${target.name}`,
    placeHolder: "Who should take over?",
  });
  return await picked?.run();
}

/** Writes the template and opens it; a file that is there already is opened as it is. */
async function createAgent(agent: { name: string; path: string }, handoff: HandoffArguments): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    throw new UserError(`${agent.path} needs a folder to be written to. Open a folder, then hand over again.`);
  }
  const uri = vscode.Uri.joinPath(folder.uri, ...agent.path.split("/"));
  const text = renderAgentTemplate({ name: agent.name, task: handoff.prompt, from: handoff.from });
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { overwrite: false, ignoreIfExists: true, contents: new TextEncoder().encode(text) });
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new UserError(`${agent.path} could not be written. Check that the folder is writable, then hand over again.`);
  }
  await vscode.window.showTextDocument(uri);
  void vscode.window.showInformationMessage(
    `${agent.name} is ready. Say there what it should do, then use "${handoff.label}" again.`,
  );
}
