import * as vscode from "vscode";
import { messageOf } from "../../core/base/errors.ts";
import type { PromptReference } from "../../core/chat/assemblePrompt.ts";
import type { FileReference } from "../../core/chat/reply.ts";

/** Beyond this a file is not read at all: no model takes it, and the host's memory is shared. */
const MAX_FILE_BYTES = 2_000_000;
const MAX_REFERENCES = 30;

/** The files and places a person attached. */
export function fileReferences(references: readonly vscode.ChatPromptReference[]): FileReference[] {
  return references.flatMap(({ value }) => {
    if (value instanceof vscode.Uri) {
      return [{ path: value.fsPath }];
    }
    return value instanceof vscode.Location ? [{ path: value.uri.fsPath, line: value.range.start.line }] : [];
  });
}

/** The attached texts for a model. A reference that cannot be read says so in its place. */
export async function readReferences(references: readonly vscode.ChatPromptReference[]): Promise<PromptReference[]> {
  const read = await Promise.all(references.slice(0, MAX_REFERENCES).map(readReference));
  return read.filter((reference) => reference !== undefined);
}

async function readReference(reference: vscode.ChatPromptReference): Promise<PromptReference | undefined> {
  const { value, modelDescription, id } = reference;
  if (value instanceof vscode.Uri) {
    return { label: labelOf(value), text: await readText(value) };
  }
  if (value instanceof vscode.Location) {
    const { start, end } = value.range;
    const lines = (await readText(value.uri)).split("\n").slice(start.line, end.line + 1);
    return { label: `${labelOf(value.uri)}:${start.line + 1}-${end.line + 1}`, text: lines.join("\n") };
  }
  return typeof value === "string" && value !== "" ? { label: modelDescription ?? id, text: value } : undefined;
}

async function readText(uri: vscode.Uri): Promise<string> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.Directory) !== 0) {
      const entries = await vscode.workspace.fs.readDirectory(uri);
      return entries.map(([name, kind]) => (kind === vscode.FileType.Directory ? `${name}/` : name)).join("\n");
    }
    if (size > MAX_FILE_BYTES) {
      return `[not read: ${size} bytes are more than the ${MAX_FILE_BYTES} that can be attached]`;
    }
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return text.includes("\u0000") ? `[not text: ${size} bytes]` : text;
  } catch (error) {
    return `[could not be read: ${messageOf(error)}]`;
  }
}

function labelOf(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri, false);
}
