import * as vscode from "vscode";
import { oneLine } from "../../core/base/markdown.ts";
import { describePhase } from "../../core/workflow/phaseNames.ts";
import { pendingEffects } from "../../core/workflow/workflowEffects.ts";
import { hasFinished, type WorkflowState } from "../../core/workflow/workflowState.ts";
import type { AskAgent, Stand } from "../../node/workflow/advanceWorkflow.ts";
import { now, type OpenWorkflow, type WorkflowDesk } from "./workflowDesk.ts";

/** A message of VS Code is a line or two. */
const NAMED_CHARACTERS = 60;

type Door = { askAgent?: AskAgent; progress: (markdown: string) => void; isFromChat: boolean };

/** Lets a workflow go on. Whoever cancels it is told where it stands: nothing can be added to an answer that was stopped. */
export async function advanceOrTell(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { isFromChat, ...door }: Door,
  signal: AbortSignal,
): Promise<Stand> {
  try {
    return await desk.advance(workflow, door, signal);
  } finally {
    if (signal.aborted) {
      void tellCancelled(await workflow.store.read(workflow.state.id, now()), isFromChat);
    }
  }
}

async function tellCancelled(state: WorkflowState, isFromChat: boolean): Promise<void> {
  const [effect] = pendingEffects(state);
  const isOfTests = effect?.kind === "ask-to-run-tests";
  const what = isOfTests
    ? "The tests were ended before they had, and count for nothing. They run again only when you let them."
    : `Cancelled${hasFinished(state) ? "" : ` in ${describePhase(state, state.current)}`}. What is done so far is kept.`;
  const [again, command] = isOfTests ? ["Run Again…", "runWorkflowTests"] : ["Continue", "continueWorkflow"];
  const back = "Go Back…";
  const answer = await vscode.window.showInformationMessage(`${nameOf(state)}: ${what}`, again, back);
  if (answer !== undefined) {
    const chosen = answer === back ? "goBackPhase" : command;
    await vscode.commands.executeCommand(`trainyard.${chosen}`, { id: state.id, isFromChat });
  }
}

/** With the task: two workflows of one kind are told apart, and VS Code shows no message that equals one it still keeps. */
export function nameOf({ definition, task }: WorkflowState): string {
  return `${definition.title} "${oneLine(task, NAMED_CHARACTERS)}"`;
}
