import * as vscode from "vscode";
import type { FlowReports } from "./flowReports.ts";

/** Says of a step what it is, where it comes from and where it goes. */
export class FlowHovers implements vscode.HoverProvider {
  readonly #reports: FlowReports;

  constructor(reports: FlowReports) {
    this.#reports = reports;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    // The graph is drawn up only under a pointer, so that its code is not part of what starts with the window.
    const { describeStepAt } = await import("./flowSteps.ts");
    const found = await describeStepAt(this.#reports, document, position);
    return found && new vscode.Hover(new vscode.MarkdownString(found.markdown), found.range);
  }
}
