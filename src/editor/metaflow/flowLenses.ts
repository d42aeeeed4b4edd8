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
    const summary = await this.#reports.report(document);
    const target = document.uri.toString();
    return (summary?.flows ?? []).flatMap(({ name, range: place, steps }) => {
      const range = toRange(place);
      const lens = (title: string, command: string, tooltip: string, on = target) =>
        new vscode.CodeLens(range, { title, command, tooltip, arguments: [on] });
      const thisFlow = document.uri.with({ fragment: name }).toString();
      return [
        ...(document.isUntitled
          ? []
          : [
              lens(
                "$(play) Run…",
                "trainyard.runFlow",
                `Set the parameters of ${name}, see the plan, start it`,
                thisFlow,
              ),
              lens(
                "$(debug-continue) Resume…",
                "trainyard.resumeFlow",
                `Go on from an earlier run of ${name}`,
                thisFlow,
              ),
              lens("$(check) Check", "trainyard.checkFlow", "Ask Metaflow itself, which runs the file"),
            ]),
        lens("$(type-hierarchy) Show Graph", "trainyard.showFlowGraph", `Draw the steps of ${name}`, thisFlow),
        ...(document.isUntitled ? [] : steps.map((step) => spinLens(document, name, step))),
      ];
    });
  }
}

/** Above a step: run it alone, with what an earlier run had before it. */
function spinLens(
  document: vscode.TextDocument,
  flow: string,
  { name, firstLine }: { name: string; firstLine: number },
): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(firstLine, 0, firstLine, 0), {
    title: "$(sync) Spin",
    command: "trainyard.spinStep",
    tooltip: `Run ${name} alone, with the artifacts of an earlier run`,
    arguments: [document.uri.with({ fragment: `${flow}/${name}` }).toString()],
  });
}
