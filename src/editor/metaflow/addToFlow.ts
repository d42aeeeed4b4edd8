import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { TextEdit } from "../../core/base/problems.ts";
import { type Addition, addSteps, type Place } from "../../core/metaflow/edit/addSteps.ts";
import { applyEdits } from "../../core/metaflow/edit/applyEdits.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import { closeProposal } from "../base/closeProposal.ts";
import { shownDocument } from "../base/shownText.ts";
import { toRange } from "../base/toRange.ts";
import type { FlowReports } from "./flowReports.ts";

/** "Trainyard: Add Step to Metaflow Flow…": where, what and how it is called; then the difference, and then the edit. */
export async function addToFlow(document: vscode.TextDocument, reports: FlowReports): Promise<void> {
  const [flow] = (await reports.wholeReport(document))?.flows ?? [];
  if (!flow) {
    throw new UserError(`${vscode.workspace.asRelativePath(document.uri)} has no flow that a step could be added to.`);
  }
  const graph = buildGraph(flow);
  const place = await askPlace(graph, document);
  const addition = place && (await askAddition(graph, place));
  if (place && addition) {
    const edits = addSteps(graph, place, addition);
    await showAndApply(document, edits, `add ${addition.kind} between ${place.from} and ${place.to}`);
  }
}

async function askPlace(graph: FlowGraph, document: vscode.TextDocument): Promise<Place | undefined> {
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  const line = editor?.selection.active.line ?? 0;
  const rows = [...graph.nodes.values()].flatMap(({ name, next, step: { source, file } }) =>
    file === graph.flow.file
      ? [...new Set(next)].map((to) => ({
          label: `${name} → ${to}`,
          from: name,
          to,
          isHere: source.firstLine <= line && line <= source.fullRange.end.line,
        }))
      : [],
  );
  // The step with the cursor in it is probably meant.
  const ordered = rows.toSorted((a, b) => Number(b.isHere) - Number(a.isHere));
  return vscode.window.showQuickPick(ordered, { title: `Add to ${graph.flow.name}: between which steps?` });
}

async function askAddition(graph: FlowGraph, { from }: Place): Promise<Addition | undefined> {
  const rows = [
    { label: "A step", description: `behind ${from}`, kind: "step" as const },
    { label: "A branch", description: "two or more steps side by side, and their join", kind: "branch" as const },
    { label: "A foreach", description: "one task for each item of a list, and their join", kind: "foreach" as const },
  ];
  const row = await vscode.window.showQuickPick(
    rows.map(({ kind, ...shown }) => ({ ...shown, addition: kind })),
    { title: "Add what?" },
  );
  switch (row?.addition) {
    case "step": {
      const name = await askName(graph, "Name of the step", "clean_data");
      return name === undefined ? undefined : { kind: "step", name };
    }
    case "branch": {
      const text = await askName(graph, "Names of the branches, with blanks between them", "train_small train_large");
      const [first, second, ...others] = text?.split(/[\s,]+/).filter((name) => name !== "") ?? [];
      if (first === undefined || second === undefined) {
        return undefined;
      }
      return { kind: "branch", names: [first, second, ...others], join: freeName(graph, `join_${first}`) };
    }
    case "foreach": {
      const name = await askName(graph, "Name of the step that each item gets", "train_one");
      const join = name && freeName(graph, `join_${name}`);
      return name && join ? { kind: "foreach", name, over: `${name}_items`, join } : undefined;
    }
    case undefined:
      break;
  }
  return undefined;
}

function askName(graph: FlowGraph, title: string, example: string): Thenable<string | undefined> {
  const count = example.split(" ").length;
  return vscode.window.showInputBox({
    title,
    placeHolder: example,
    validateInput: (text) => {
      const names = text.split(/[\s,]+/).filter((name) => name !== "");
      const taken = names.find((name) => graph.flow.attributes.has(name));
      if (taken !== undefined) {
        return `${graph.flow.name} has ${taken} already.`;
      }
      const isRight = names.every((name) => /^[a-z][a-z0-9_]*$/.test(name));
      return isRight && (count === 1 ? names.length === 1 : names.length >= count)
        ? undefined
        : `Lowercase letters, digits and underscores, for example ${example}.`;
    },
  });
}

function freeName({ flow }: FlowGraph, wanted: string): string {
  let name = wanted;
  for (let number = 2; flow.attributes.has(name); number += 1) {
    name = `${wanted}_${number}`;
  }
  return name;
}

/** Nothing changes before the person has seen the difference and agreed to it. */
async function showAndApply(document: vscode.TextDocument, edits: readonly TextEdit[], what: string): Promise<void> {
  const { version } = document;
  const name = path.basename(document.uri.fsPath);
  const proposed = shownDocument(`proposal for ${name}`, applyEdits(document.getText(), edits));
  await vscode.commands.executeCommand("vscode.diff", document.uri, proposed, `${name}: ${what}`);
  const apply = "Apply";
  const choice = await vscode.window.showInformationMessage(`${name}: ${what}?`, apply, "Discard");
  if (choice === apply) {
    if (document.version !== version) {
      throw new UserError(`${name} was edited in the meantime. Add the step again.`);
    }
    const change = new vscode.WorkspaceEdit();
    edits.forEach(({ range, text }) => change.replace(document.uri, toRange(range), text));
    await vscode.workspace.applyEdit(change);
  }
  await closeProposal(proposed);
  const first = edits[0]?.range;
  const editor = await vscode.window.showTextDocument(document);
  if (first && choice === apply) {
    const at = toRange(first).start;
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
  }
}
