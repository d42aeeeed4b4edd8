import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";

type RunSource = { onDidChange: vscode.Event<unknown>; runs(): readonly Run[] };

/** Set once the curves have shown themselves in a workspace, or would have. */
const SHOWN_KEY = "trainyard.curvesShown";

/** Shows the curves by themselves when the first training of a workspace runs, so that nobody has to know of them. */
export function registerFirstCurves(
  source: RunSource,
  state: vscode.Memento,
  show: (runId: string) => Promise<void>,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const look = () => {
    const run = source.runs().find((each) => !hasEnded(each.state));
    if (run === undefined || state.get(SHOWN_KEY) === true || !vscode.workspace.isTrusted) {
      return;
    }
    const isWanted = vscode.workspace.getConfiguration("trainyard").get("curves.openOnFirstRun", true);
    const isFirst = source.runs().length === 1;
    state.update(SHOWN_KEY, true).then(undefined, onError);
    if (isWanted && isFirst) {
      show(run.record.id).catch(onError);
    }
  };
  return source.onDidChange(look);
}
