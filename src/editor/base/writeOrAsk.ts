import * as path from "node:path";
import * as vscode from "vscode";
import { shownDocument } from "./shownText.ts";

/** A file that is to be written and must not be there yet. */
export type NewFile = {
  path: string;
  /** From the workspace folder. */
  relativePath: string;
  text: string;
};

/**
 * Writes a new file and gives what was written. Where its name is taken, the person chooses between the next free one
 * and a comparison with what is there; undefined where neither wrote anything.
 * `write` gives the same file under a free name where it found the name taken, else undefined.
 */
export async function writeOrAsk<File extends NewFile>(
  planned: File,
  write: (file: File) => Promise<File | undefined>,
): Promise<File | undefined> {
  let file = planned;
  // Another window can take the free name as well, before it is written.
  for (;;) {
    const alternative = await write(file);
    if (alternative === undefined) {
      return file;
    }
    const useFree = `Write ${path.basename(alternative.path)}`;
    const choice = await vscode.window.showWarningMessage(
      `${file.relativePath} exists and was left as it is.`,
      { modal: true },
      useFree,
      "Compare",
    );
    if (choice !== useFree) {
      await (choice === "Compare" ? compareWithTemplate(file) : undefined);
      return undefined;
    }
    file = alternative;
  }
}

/** What is there beside what would be written. */
export async function compareWithTemplate(file: NewFile): Promise<void> {
  const name = path.basename(file.path);
  const template = shownDocument(`template of ${name}`, file.text);
  await vscode.commands.executeCommand("vscode.diff", vscode.Uri.file(file.path), template, `${name} ↔ template`);
}
