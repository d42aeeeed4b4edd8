import * as path from "node:path";
import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { offerNewFile } from "../base/newFile.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { pickRun } from "./pickRun.ts";
import { evaluate } from "./runEvaluation.ts";
import type { RunMonitor } from "./runMonitor.ts";

type CardContext = { monitor: RunMonitor; folder: vscode.WorkspaceFolder; signal: AbortSignal };

/** The card of a run, and where it would be written. Writes nothing. */
export async function planRunCard(
  run: Run,
  { monitor, folder, signal }: CardContext,
): Promise<{ path: string; relativePath: string; text: string; summary: string }> {
  const { renderRunCard, runCardPath, summarizeRunCard } = await import("../../core/training/evaluation/runCard.ts");
  const { auditScript } = await import("../../node/training/auditScript.ts");
  const { shownSuspicions } = await import("../../core/training/evaluation/renderData.ts");
  const { evaluation, checkpoint, log } = await evaluate(run, monitor.known.runs, signal);
  const relativePath = runCardPath(run);
  const facts = {
    run,
    evaluation,
    ...(checkpoint ? { checkpoint: { chosen: checkpoint.chosen, summary: checkpoint.found.entry.summary } } : {}),
    suspicions: shownSuspicions(await auditScript(run.record.plan.script, folder.uri.fsPath, signal)),
    sizes: log.sizes.map((size) => size.text),
  };
  return {
    path: path.join(folder.uri.fsPath, relativePath),
    relativePath,
    text: `${renderRunCard(facts)}\n`,
    summary: summarizeRunCard(facts, new Date()),
  };
}

/** "Trainyard: Document Run…", and the button below `/document`: shows the card and writes it when agreed. */
export async function documentRun(monitor: RunMonitor, target: unknown): Promise<void> {
  const run = await pickRun(monitor, target, {
    title: "Document which run?",
    none: "There are no runs in this workspace yet. Start one with Trainyard: Train.",
  });
  if (run) {
    const folder = await chooseWorkspaceFolder(vscode.Uri.file(run.record.plan.script));
    await offerNewFile(await planRunCard(run, { monitor, folder, signal: new AbortController().signal }));
  }
}
