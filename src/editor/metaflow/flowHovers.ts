import * as vscode from "vscode";
import { toRange } from "../base/toRange.ts";
import type { FlowReports } from "./flowReports.ts";

/** Says of a step what it is, where it comes from and where it goes. */
export class FlowHovers implements vscode.HoverProvider {
  readonly #reports: FlowReports;

  constructor(reports: FlowReports) {
    this.#reports = reports;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const found = await this.#reports.describeStepAt(document, position);
    return found && new vscode.Hover(new vscode.MarkdownString(found.markdown), toRange(found.range));
  }
}
