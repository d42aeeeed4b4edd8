import * as vscode from "vscode";
import { type FlowParameter, parameterProblem } from "../../core/metaflow/flowParameters.ts";

type Row = vscode.QuickPickItem & { parameter?: FlowParameter };

/**
 * Lets a person look at the parameters of a flow and change them one by one, each checked while it is typed. Gives the
 * arguments for `run` that differ from the defaults; undefined when the person leaves.
 */
export async function askParameters(
  flow: string,
  parameters: readonly FlowParameter[],
): Promise<readonly string[] | undefined> {
  const given = new Map<string, string>();
  if (parameters.length === 0) {
    return [];
  }
  for (;;) {
    const missing = parameters.find((each) => each.isRequired && !given.has(each.name));
    const row = await vscode.window.showQuickPick(formRows(parameters, given, missing), {
      title: `Parameters of ${flow}`,
      placeHolder: "Choose a parameter to change it",
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    if (!row) {
      return undefined;
    }
    const parameter = row.parameter ?? missing;
    if (!parameter) {
      return argumentsOf(given);
    }
    const value = await askValue(parameter, given.get(parameter.name));
    if (value === "" || value === parameter.default) {
      given.delete(parameter.name);
    } else if (value !== undefined) {
      given.set(parameter.name, value);
    }
  }
}

function argumentsOf(given: ReadonlyMap<string, string>): string[] {
  return [...given].flatMap(([name, value]) => [`--${name}`, value]);
}

function formRows(
  parameters: readonly FlowParameter[],
  given: ReadonlyMap<string, string>,
  missing: FlowParameter | undefined,
): Row[] {
  const go: Row = missing
    ? { label: "$(warning) Continue", description: `${missing.name} has no value yet` }
    : {
        label: "$(play) Continue",
        description: given.size === 0 ? "with the defaults" : argumentsOf(given).join(" "),
      };
  return [
    go,
    { label: "Parameters", kind: vscode.QuickPickItemKind.Separator },
    ...parameters.map((parameter): Row => {
      const { name, type, help } = parameter;
      const value = given.get(name);
      const shown =
        value ?? parameter.default ?? parameter.computedDefault ?? (parameter.isRequired ? "no value" : "none");
      return {
        label: `${value === undefined ? "" : "$(edit) "}${name}`,
        description: `${shown === "" ? '""' : shown} · ${type}${value === undefined ? "" : ", changed"}`,
        ...(help === undefined ? {} : { detail: help }),
        parameter,
      };
    }),
  ];
}

/** The new text of a value, "" for the default; undefined when the person goes back. */
async function askValue(parameter: FlowParameter, current: string | undefined): Promise<string | undefined> {
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
