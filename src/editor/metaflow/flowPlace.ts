import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { FlowOutline } from "../../core/metaflow/flowOutline.ts";
import { fileOf } from "../base/commandTarget.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";

/** Asks for a flow where none was pointed at. */
export type PickFlow = (title: string) => Promise<string | undefined>;

export type FlowPlace = { file: vscode.Uri; flow?: string };

/** `file:///…/flow.py#Flow` from a lens, the file alone from a menu, else the flow that is picked. */
export async function placeOf(target: unknown, pickFlow: PickFlow, title: string): Promise<FlowPlace | undefined> {
  const uri = fileOf(target);
  const picked = uri ? undefined : await pickFlow(title);
  if (!uri) {
    return picked === undefined ? undefined : { file: vscode.Uri.file(picked) };
  }
  return { file: uri.with({ fragment: "" }), ...(uri.fragment === "" ? {} : { flow: uri.fragment }) };
}

export async function outlineOf(file: vscode.Uri, flow: string | undefined): Promise<FlowOutline> {
  const document = await vscode.workspace.openTextDocument(file);
  // The run reads the file, so what stands in the editor has to be there.
  if (document.isDirty) {
    await document.save();
  }
  return outlineText(file.fsPath, document.getText(), flow);
}

/** The flow of a file that is named relative to the workspace folder. */
export async function outlineOfNamed(file: string): Promise<FlowOutline> {
  const { readSource } = await import("../../node/base/readSource.ts");
  const path = resolveInFolder(await chooseWorkspaceFolder(), file);
  return outlineText(path, (await readSource(path)) ?? "", undefined);
}

async function outlineText(path: string, text: string, flow: string | undefined): Promise<FlowOutline> {
  const { outlineFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
  const outlines = await outlineFlowText(text, { path, roots: folder ? [folder.uri.fsPath] : [] });
  const outline = outlines.find(({ name }) => name === flow) ?? outlines[0];
  if (!outline) {
    throw new UserError(`${displayPath(path)} defines no flow that could run.`);
  }
  return outline;
}
