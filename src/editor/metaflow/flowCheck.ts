import * as vscode from "vscode";
import type { FlowCheck } from "../../core/metaflow/flowCheck.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { displayPath, requireTrust } from "../base/workspace.ts";

/** Runs Metaflow's own check on flows and shows what it finds where it is. */
export class FlowChecks implements vscode.Disposable {
  #diagnostics: vscode.DiagnosticCollection | undefined;
  #edits: vscode.Disposable | undefined;

  /** Runs the flow's file with its Python, so only ever on a person's wish. */
  async check(file: string, folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<FlowCheck> {
    requireTrust("checking a flow");
    const { checkFlow } = await import("../../node/metaflow/checkFlow.ts");
    const { flowPython } = await import("./inspectedFlow.ts");
    const result = await checkFlow(await flowPython(file, folder), file, { signal });
    this.#show(file, result);
    return result;
  }

  /** The answer to a check as Markdown, with what Trainyard finds beyond Metaflow. */
  async describe(result: FlowCheck, file: string, folder: vscode.WorkspaceFolder): Promise<string> {
    const { describeFlowCheck } = await import("../../core/metaflow/flowCheck.ts");
    const { inspectFlowFile } = await import("../../node/metaflow/inspectFlow.ts");
    const report = await inspectFlowFile({ path: file, roots: [folder.uri.fsPath] });
    return describeFlowCheck(result, displayPath(file), report?.findings);
  }

  /** The palette's check: progress that can be cancelled, then one sentence. */
  async checkWithProgress(file: string, folder: vscode.WorkspaceFolder): Promise<void> {
    const title = `Checking ${displayPath(file)}`;
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_progress, token) => withAbortSignal(token, (signal) => this.check(file, folder, signal)),
    );
    const text = (await this.describe(result, file, folder)).replaceAll("`", "");
    if (result.kind === "ok" && !text.includes("\n")) {
      void vscode.window.showInformationMessage(text);
      return;
    }
    if ((await vscode.window.showWarningMessage(text, "Open File")) === "Open File") {
      await vscode.window.showTextDocument(vscode.Uri.file(file));
    }
  }

  dispose(): void {
    this.#diagnostics?.dispose();
    this.#edits?.dispose();
  }

  #show(file: string, result: FlowCheck): void {
    this.#diagnostics ??= vscode.languages.createDiagnosticCollection("trainyard-metaflow");
    const shown = this.#diagnostics;
    // What Metaflow said is about the file as it was.
    this.#edits ??= vscode.workspace.onDidChangeTextDocument(({ document }) => shown.delete(document.uri));
    const problems = result.kind === "problems" ? result.problems : [];
    this.#diagnostics.set(
      vscode.Uri.file(file),
      problems.map(({ message, range: { start, end } }) => {
        const range = new vscode.Range(start.line, start.column, end.line, end.column);
        const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
        diagnostic.source = "Metaflow";
        return diagnostic;
      }),
    );
  }
}
