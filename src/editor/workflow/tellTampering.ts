import * as vscode from "vscode";
import { describePhase, nameWorkflow } from "../../core/workflow/phaseNames.ts";
import { describeTampering } from "../../core/workflow/trust.ts";
import { hasFinished, type WorkflowState } from "../../core/workflow/workflowState.ts";

/** Says at once that a journal was changed from outside, whatever the person is doing, and how to look at it. */
export async function tellTampering(state: WorkflowState): Promise<void> {
  const waits = state.rewound === undefined ? "" : " Nothing goes on until you have looked and confirmed.";
  const what = state.rewound ?? describeTampering(state);
  const [look, journal] = ["Show Status", "Open Journal"];
  const where = hasFinished(state) ? "" : ` It stands in ${describePhase(state, state.current)}.`;
  const answer = await vscode.window.showWarningMessage(
    `${nameWorkflow(state)}: ${what}${where}${waits}`,
    look,
    journal,
  );
  if (answer === look) {
    await vscode.commands.executeCommand("trainyard.showWorkflow", { id: state.id });
  } else if (answer === journal) {
    await vscode.commands.executeCommand("trainyard.openWorkflowDocument", {
      id: state.id,
      document: "journal.jsonl",
    });
  }
}
