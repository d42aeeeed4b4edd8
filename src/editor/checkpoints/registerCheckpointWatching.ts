import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { announceCheckpoint } from "./announce.ts";
import type { CheckpointMonitor } from "./checkpointMonitor.ts";
import { foldersOfRuns, type WatchedFolders } from "./watchedFolders.ts";

type RunSource = { onDidChange: vscode.Event<unknown>; runs(): readonly Run[] };

/** Keeps the monitor on the folders of runs, settings and person, and announces what is finished there. */
export function registerCheckpointWatching(
  monitor: CheckpointMonitor,
  watched: WatchedFolders,
  runs: RunSource,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const update = () => monitor.setFolders([...foldersOfRuns(runs.runs()), ...watched.named()]);
  update();
  return vscode.Disposable.from(
    runs.onDidChange(update),
    watched.onDidChange(update),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("trainyard.checkpoints.folders")) {
        update();
      }
    }),
    monitor.onDidComplete((summary) => {
      announceCheckpoint(summary).catch(onError);
    }),
  );
}
