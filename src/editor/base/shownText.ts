import * as vscode from "vscode";

const SCHEME = "trainyard";

/** Texts by the path of their document. A report is a few kilobytes, and one title keeps one text. */
const texts = new Map<string, string>();
/** How often the text of a path was another one. */
const revisions = new Map<string, number>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** Serves the texts that are shown and not saved: reports, and the other side of a comparison. */
export function registerShownTexts(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: ({ path }) =>
      texts.get(path) ?? "This was shown in an earlier window and not kept. Run the command again to see it anew.\n",
  });
}

/** A read-only document of that name, which tells its language by its ending. The same name again replaces its text. */
export function shownDocument(name: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name.replaceAll(/[/\\]/g, " ")}` });
  if (texts.get(uri.path) !== text) {
    texts.set(uri.path, text);
    revisions.set(uri.path, (revisions.get(uri.path) ?? 0) + 1);
    changed.fire(uri);
  }
  return uri;
}

/**
 * Opens a report rendered; its title is that of the tab, and so has no ending. Another text has another address: the preview draws the address it
 * shows no second time, as VS Code closes the document of a preview after a while and says nothing of it any more.
 */
export async function showReport(title: string, markdown: string): Promise<void> {
  const uri = shownDocument(title, `${markdown}\n`);
  const query = String(revisions.get(uri.path) ?? 0);
  await vscode.commands.executeCommand("markdown.showPreview", uri.with({ query }));
}
