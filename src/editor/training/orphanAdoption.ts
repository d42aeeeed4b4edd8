import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import type { RunMonitor } from "./runMonitor.ts";
import type { FollowerProgram } from "./runTasks.ts";

/** Gives a training whose supervisor was killed a new one, once for each supervisor that it loses. */
export function registerOrphanAdoption(
  monitor: RunMonitor,
  { supervisorPath }: FollowerProgram,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const tried = new Set<string>();
  const adopt = async ({ folder }: Run): Promise<void> => {
    const { adoptRun } = await import("../../node/training/startOwner.ts");
    await adoptRun(folder, supervisorPath);
    await monitor.refresh();
  };
  const look = () => {
    // A folder that came from somewhere else says what it likes about processes; that is looked into only when it is trusted.
    const orphans = vscode.workspace.isTrusted ? monitor.known.runs.filter(({ state }) => state === "orphaned") : [];
    for (const run of orphans) {
      const loss = `${run.folder} ${run.status.supervisor?.pid}`;
      if (!tried.has(loss)) {
        tried.add(loss);
        adopt(run).catch(onError);
      }
    }
  };
  return vscode.Disposable.from(monitor.onDidChange(look), vscode.workspace.onDidGrantWorkspaceTrust(look));
}
