import { basename } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { CHECKPOINT_FILES, isCheckpointName } from "../../core/checkpoints/checkpointName.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { TORN_AFTER_MS } from "../../core/checkpoints/checkpointSummary.ts";
import { describeTrust, leastTrustOf } from "../../core/checkpoints/importedName.ts";
import { isCancellation, withAbortSignal } from "../base/cancellation.ts";

/** Marks checkpoints in the explorer that are torn, or that would run code when loaded. */
export function registerCheckpointBadges(onError: (error: unknown) => void): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const timers = new Map<string, NodeJS.Timeout>();
  const watcher = vscode.workspace.createFileSystemWatcher(CHECKPOINT_FILES);
  const refresh = (uri: vscode.Uri) => changed.fire(uri);
  /** A file at rest in the middle of a write becomes torn without any further event. */
  const refreshLater = (uri: vscode.Uri) => {
    clearTimeout(timers.get(uri.fsPath));
    const look = () => {
      timers.delete(uri.fsPath);
      refresh(uri);
    };
    timers.set(uri.fsPath, setTimeout(look, TORN_AFTER_MS));
  };
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    async provideFileDecoration(uri, token) {
      if (uri.scheme !== "file" || !isCheckpointName(basename(uri.fsPath))) {
        return undefined;
      }
      try {
        const summary = await withAbortSignal(token, (signal) => readFile(uri, signal));
        if (summary?.completeness.state === "writing" && !token.isCancellationRequested) {
          refreshLater(uri);
        }
        return summary && badgeOf(summary);
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
  };
  return vscode.Disposable.from(
    changed,
    watcher,
    watcher.onDidChange(refresh),
    watcher.onDidCreate(refresh),
    vscode.window.registerFileDecorationProvider(provider),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

/** Undefined where it is gone or may not be read, which the explorer shows by itself, and where nobody waits any more. */
async function readFile(uri: vscode.Uri, signal: AbortSignal): Promise<CheckpointSummary | undefined> {
  const { checkpointClient } = await import("../../node/checkpoints/checkpointClient.ts");
  return checkpointClient()
    .summary({ path: uri.fsPath }, signal)
    .catch((error: unknown) => {
      if (error instanceof UserError || isCancellation(error)) {
        return undefined;
      }
      throw error;
    });
}

function badgeOf({ completeness, imports }: CheckpointSummary): vscode.FileDecoration | undefined {
  if (completeness.state === "torn") {
    return {
      badge: "✗",
      tooltip: `Torn checkpoint: ${completeness.reason}`,
      color: new vscode.ThemeColor("list.errorForeground"),
    };
  }
  if (leastTrustOf(imports) === "dangerous") {
    return {
      badge: "!",
      tooltip: `This checkpoint ${describeTrust(imports)}`,
      color: new vscode.ThemeColor("list.warningForeground"),
    };
  }
  return undefined;
}
