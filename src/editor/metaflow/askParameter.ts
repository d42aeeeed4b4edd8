import * as vscode from "vscode";
import { type FlowParameter, parameterProblem } from "../../core/metaflow/flowParameters.ts";

/** The new text of a value, "" for the default; undefined when the person goes back. */
export async function askParameter(parameter: FlowParameter, current: string | undefined): Promise<string | undefined> {
  const { name, type, help } = parameter;
  if (type === "boolean") {
    return vscode.window.showQuickPick(["True", "False"], {
      title: name,
      placeHolder: help ?? `Default: ${parameter.default ?? "none"}`,
    });
  }
  if (type === "file") {
    const [file] = (await vscode.window.showOpenDialog({ title: name, openLabel: "Choose" })) ?? [];
    return file?.fsPath;
  }
  return vscode.window.showInputBox({
    title: `${name} (${type})`,
    prompt: [help, parameter.isRequired ? undefined : "Empty: the default."].filter(Boolean).join(" · "),
    value: current ?? parameter.default ?? "",
    placeHolder: parameter.default ?? "",
    ignoreFocusOut: true,
    validateInput: (text) => parameterProblem(parameter, text),
  });
}
