import * as vscode from "vscode";
import { describePhase, nameWorkflow } from "../../core/workflow/phaseNames.ts";
import { pendingEffects } from "../../core/workflow/workflowEffects.ts";
import { hasFinished, phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import type { AskAgent, Stand } from "../../node/workflow/advanceWorkflow.ts";
import { now, type OpenWorkflow, type WorkflowDesk } from "./workflowDesk.ts";

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
  const canSkip = !hasFinished(state) && phaseAt(state, state.current).definition.canSkip;
  const ways = new Map([
    [again, command],
    ...(canSkip ? [["Skip Phase…", "skipPhase"] as const] : []),
    ["Go Back…", "goBackPhase"],
  ]);
  const answer = await vscode.window.showInformationMessage(`${nameWorkflow(state)}: ${what}`, ...ways.keys());
  if (answer !== undefined) {
    await vscode.commands.executeCommand(`trainyard.${ways.get(answer)}`, { id: state.id, isFromChat });
  }
}
