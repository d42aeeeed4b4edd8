import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { FlowCard } from "../../node/metaflow/runs/cards.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";

/**
 * Opens a card beside the code. It may run its own program and draw what it holds; it reaches no network, no file and
 * nothing of the editor.
 */
export async function openCard({ path, step, name }: FlowCard): Promise<void> {
  const { readCard } = await import("../../node/metaflow/runs/cards.ts");
  const { confineCard } = await import("../../core/metaflow/runs/confineCard.ts");
  const page = await readCard(path);
  if (page === undefined) {
    throw new UserError(`The card ${path} is gone or larger than any card. Run the flow again to have it made anew.`);
  }
  const panel = vscode.window.createWebviewPanel("trainyard.flowCard", `${step}: ${name}`, vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [],
  });
  panel.iconPath = new vscode.ThemeIcon("book");
  panel.webview.html = confineCard(page);
}

/** The cards of a run, or of one task of it, from the datastore of the run or that of the workspace. */
export async function cardsOf(
  root: string,
  run: { flow: string; id: string },
  task?: { step: string; id: string },
): Promise<FlowCard[]> {
  const { listCards } = await import("../../node/metaflow/runs/cards.ts");
  return listCards({ root, folder: (await chooseWorkspaceFolder()).uri.fsPath }, run, task);
}

/** The cards of a run: the only one, else the one that is picked. */
export async function chooseCard(cards: readonly FlowCard[], run: string): Promise<FlowCard | undefined> {
  const [only] = cards;
  if (!only) {
    throw new UserError(`Run ${run} has no cards. A step with @card leaves one.`);
  }
  if (cards.length === 1) {
    return only;
  }
  const rows = cards.map((card) => ({ label: card.step, description: `${card.name}, task ${card.task}`, card }));
  return (await vscode.window.showQuickPick(rows, { title: `Open which card of run ${run}?` }))?.card;
}
