import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { linkPlaces, placedFiles } from "../../core/chat/linkPlaces.ts";

/** The text of an answer, in which `train.py:181` opens that line where the workspace has such a file. */
export async function linkedText(markdown: string): Promise<string> {
  const files = new Map<string, vscode.Uri>();
  await Promise.all(
    [...placedFiles(markdown)].map(async (path) => {
      const file = await findFile(path);
      if (file !== undefined) {
        files.set(path, file);
      }
    }),
  );
  return linkPlaces(markdown, (path, line) =>
    files
      .get(path)
      ?.with({ fragment: `L${line}` })
      .toString(),
  );
}

/** The file of that name in the first folder of the workspace that has it. */
async function findFile(path: string): Promise<vscode.Uri | undefined> {
  const places = isAbsolute(path)
    ? [vscode.Uri.file(path)]
    : (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => vscode.Uri.joinPath(uri, path));
  for (const uri of places.filter((each) => vscode.workspace.getWorkspaceFolder(each) !== undefined)) {
    // oxlint-disable-next-line no-await-in-loop -- the first folder that has it counts
    if (await isFile(uri)) {
      return uri;
    }
  }
  return undefined;
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    // Whatever keeps a file from being looked at, its name without a link is right.
    return false;
  }
}
