import * as vscode from "vscode";
import { toRange } from "../base/toRange.ts";
import type { FlowReports } from "./flowReports.ts";

/** What can be done with a flow, above its class. */
export class FlowLenses implements vscode.CodeLensProvider {
  readonly #reports: FlowReports;
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(reports: FlowReports) {
    this.#reports = reports;
    this.onDidChangeCodeLenses = (listener) => reports.onDidSettle(() => listener());
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const report = await this.#reports.report(document);
    const target = document.uri.toString();
    return (report?.flows ?? []).flatMap(({ name, source }) => {
      const range = toRange(source.range);
      const lens = (title: string, command: string, tooltip: string, on = target) =>
        new vscode.CodeLens(range, { title, command, tooltip, arguments: [on] });
      const thisFlow = document.uri.with({ fragment: name }).toString();
      return [
        ...(document.isUntitled
          ? []
          : [
              lens("$(play) Run…", "trainyard.runFlow", `Show the plan of a run of ${name}, then start it`),
              lens("$(check) Check", "trainyard.checkFlow", "Ask Metaflow itself, which runs the file"),
            ]),
        lens("$(type-hierarchy) Show Graph", "trainyard.showFlowGraph", `Draw the steps of ${name}`, thisFlow),
      ];
    });
  }
}
