import { Buffer } from "node:buffer";
import { open, rm } from "node:fs/promises";
import * as vscode from "vscode";
import type { CurvesRequest } from "../../core/dashboard/curvesMessage.ts";
import type { CurveSeries } from "../../core/dashboard/growingCurve.ts";
import { renderValues, VALUES_HEADER } from "../../core/dashboard/renderValues.ts";

type Request<Kind extends CurvesRequest["kind"]> = Extract<CurvesRequest, { kind: Kind }>;

/** Asks where, and writes a picture that the page has drawn. */
export async function savePicture({ name, text }: Request<"export-picture">): Promise<void> {
  const isBitmap = name.endsWith(".png");
  const target = await askTarget(name, isBitmap ? { "PNG picture": ["png"] } : { "SVG picture": ["svg"] });
  if (target !== undefined) {
    await vscode.workspace.fs.writeFile(target, Buffer.from(text, isBitmap ? "base64" : "utf8"));
    await offerToOpen(target);
  }
}

/** Asks where, and writes every value of the metrics, one after the other, so that not all have to fit into the memory. */
export async function saveValues(
  tags: readonly string[],
  read: (tag: string) => Promise<readonly { name: string; series: readonly CurveSeries[] }[]>,
): Promise<void> {
  const target = await askTarget("curves.csv", { "Comma-separated values": ["csv"] });
  if (target === undefined) {
    return;
  }
  const file = await open(target.fsPath, "w");
  try {
    await file.write(VALUES_HEADER);
    for (const tag of tags) {
      for (const { name, series } of await read(tag)) {
        const points = series.find((each) => each.tag === tag)?.points;
        for (const rows of points === undefined ? [] : renderValues(name, tag, points)) {
          await file.write(rows);
        }
      }
    }
  } catch (error) {
    // Half of the values look like all of them.
    await rm(target.fsPath, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await offerToOpen(target);
}

async function askTarget(name: string, filters: Record<string, string[]>): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters,
  });
}

async function offerToOpen(target: vscode.Uri): Promise<void> {
  const choice = await vscode.window.showInformationMessage(
    `Wrote ${vscode.workspace.asRelativePath(target)}.`,
    "Open",
  );
  if (choice === "Open") {
    await vscode.commands.executeCommand("vscode.open", target);
  }
}
