import * as vscode from "vscode";
import { type AgentCatalog, findAgent, isSomebody } from "../../core/agents/agentCatalog.ts";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import type { HandoffArguments, HandoffChoice } from "../../core/chat/handoffArguments.ts";
import type { HandoffTarget } from "../../core/chat/handoffTarget.ts";
import { PARTICIPANT_NAMES } from "../../core/chat/participantNames.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { writeAgent } from "../base/writeAgent.ts";

/** Asks which handoff is meant: of all our agents, or of the one that `choice` names, whose context goes along. */
export async function chooseHandoff(
  catalog: AgentCatalog,
  choice?: HandoffChoice,
): Promise<HandoffArguments | undefined> {
  const items = (choice === undefined ? PARTICIPANT_NAMES : [choice.from]).flatMap((from) =>
    (findAgent(catalog, from)?.definition.handoffs ?? []).map(({ agent, label, prompt, send }) => ({
      label,
      description: `${choice === undefined ? `@${from} → ` : ""}@${agent}${isSomebody(catalog, agent) ? "" : " (not installed: choose who takes over, or create it)"}`,
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
        await createAgent(alternative.name, handoff);
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

/** Writes the template and opens it; a file that is there already, and defines no such agent, is opened as it is. */
async function createAgent(name: string, handoff: HandoffArguments): Promise<void> {
  const folder = await chooseWorkspaceFolder();
  const { uri, path, outcome } = await writeAgent(folder, { name, task: handoff.prompt, from: handoff.from });
  await vscode.window.showTextDocument(uri);
  const sentence =
    outcome === "written"
      ? `${name} is ready. Say there what it should do, then use "${handoff.label}" again.`
      : `${path} is there already and was not changed. Write \`name: ${name}\` in it, then use "${handoff.label}" again.`;
  void vscode.window.showInformationMessage(sentence);
}
