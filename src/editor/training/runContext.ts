import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";

/** What runs there are, for the rules by which commands about runs are shown. */
export function registerRunContext(source: {
  onDidChange: vscode.Event<unknown>;
  runs(): readonly Run[];
}): vscode.Disposable {
  return source.onDidChange(() => {
    const runs = source.runs();
    void vscode.commands.executeCommand("setContext", "trainyard.hasRuns", runs.length > 0);
    void vscode.commands.executeCommand(
      "setContext",
      "trainyard.hasLiveRun",
      runs.some(({ state }) => !hasEnded(state)),
    );
  });
}
