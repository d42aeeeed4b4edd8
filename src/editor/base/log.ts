import * as vscode from "vscode";

let channel: vscode.LogOutputChannel | undefined;

/** The output channel "Trainyard", made when something is first written to it. */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel("Trainyard", { log: true });
  return channel;
}

export function disposeLog(): void {
  channel?.dispose();
  channel = undefined;
}
