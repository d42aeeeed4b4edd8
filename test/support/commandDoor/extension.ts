import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

/** What a test writes as `<id>.<process id of this host>.command.json`; the answer appears as `<id>.result.json`. */
type DoorRequest = { command: string; arguments: readonly unknown[] };

/**
 * Runs the commands that a test outside the editor drops into the folder in TRAINYARD_COMMAND_DOOR.
 * `ready.json` appears once the extension host runs, with its process id.
 */
export function activate(context: vscode.ExtensionContext): void {
  const folder = process.env["TRAINYARD_COMMAND_DOOR"];
  if (folder === undefined) {
    return;
  }
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder, () => void runWaitingCommands(folder));
  context.subscriptions.push({ dispose: () => watcher.close() });
  writeWhole(join(folder, "ready.json"), { pid: process.pid });
  void runWaitingCommands(folder);
}

async function runWaitingCommands(folder: string): Promise<void> {
  const mine = `.${process.pid}.command.json`;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(mine))) {
    const file = join(folder, name);
    const claimed = `${file}.claimed`;
    try {
      renameSync(file, claimed);
    } catch {
      continue; // Another event of the watcher was faster.
    }
    const request: DoorRequest = JSON.parse(readFileSync(claimed, "utf8"));
    rmSync(claimed);
    writeWhole(join(folder, name.replace(mine, ".result.json")), await execute(request));
  }
}

async function execute({ command, arguments: values }: DoorRequest): Promise<object> {
  try {
    const value: unknown = await vscode.commands.executeCommand(command, ...values.map(revive));
    return { kind: "done", value: toPlain(value) };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

/** `{ "$path": "/folder/file" }` becomes the file's Uri. */
function revive(value: unknown): unknown {
  return typeof value === "object" && value !== null && "$path" in value ? vscode.Uri.file(String(value.$path)) : value;
}

/** Some commands answer with objects of the editor, which JSON cannot always hold. */
function toPlain(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return String(value);
  }
}

/** The other side never sees half a file. */
function writeWhole(file: string, value: unknown): void {
  writeFileSync(`${file}.partial`, JSON.stringify(value));
  renameSync(`${file}.partial`, file);
}
