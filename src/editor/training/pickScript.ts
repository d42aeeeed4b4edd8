import { existsSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";

export type ScriptKind = "training" | "flow";

const NAMES = { training: "training script", flow: "Metaflow flow" } as const;
const NEW_SCRIPT = {
  label: "$(new-file) New Training Script…",
  description: "one that keeps the rules",
  script: undefined,
};
const ADVICE = {
  training: "Name the file, such as /train src/main.py, or create one with Trainyard: New Training Script.",
  flow: "Name the file, such as /run src/flow.py, or create one with Trainyard: New Metaflow Flow.",
} as const;
const REMEDIES = {
  training: { title: "New Training Script…", command: "trainyard.newTrainingScript" },
  flow: { title: "New Metaflow Flow…", command: "trainyard.newFlow" },
} as const;

/** The best script of a kind in a folder. Refuses where there is none. */
export async function findBestScript(
  kind: ScriptKind,
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<string> {
  return (await findSpokenScript({ kind, text: "" }, folder, signal)).script;
}

/**
 * The best script of a kind of those that a sentence speaks of by their bare names, else of all, with the `others` that
 * it was preferred to. `preferred`: the first of these, absolute, stands before the best of all. `repeated`: what a run ran
 * that the sentence names, which may not look like a script of the kind. Refuses where there is none.
 */
export async function findSpokenScript(
  {
    kind,
    text,
    preferred = [],
    repeated,
  }: { kind: ScriptKind; text: string; preferred?: readonly string[]; repeated?: string | undefined },
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<{ script: string; others: readonly string[] }> {
  const { findNamedScripts } = await import("../../core/training/namedScript.ts");
  const paths = (await findScripts(kind, folder, signal)).map((candidate) => candidate.path);
  const named = findNamedScripts(text, paths);
  if (named.length === 0 && repeated?.endsWith(".py") === true && existsSync(repeated)) {
    return { script: repeated, others: [] };
  }
  const usual = preferred
    .map((script) => path.relative(folder.uri.fsPath, script))
    .find((each) => paths.includes(each));
  const ranked = usual === undefined ? paths : [usual, ...paths.filter((each) => each !== usual)];
  const [best, ...others] = named.length > 0 ? named : ranked;
  if (best === undefined) {
    const advice = (kind === "training" ? await adviseOnNotebook(folder, signal) : undefined) ?? ADVICE[kind];
    throw new UserError(`No ${NAMES[kind]} was found in ${folder.name}. ${advice}`, { remedy: REMEDIES[kind] });
  }
  return { script: path.join(folder.uri.fsPath, best), others };
}

/** Many projects begin as a notebook, which is no script yet. */
async function adviseOnNotebook(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string | undefined> {
  const { findNotebook } = await import("../../node/training/findScripts.ts");
  const { notebookAdvice } = await import("../../core/training/notebookAdvice.ts");
  const notebook = await findNotebook(folder.uri.fsPath, signal);
  return notebook === undefined ? undefined : notebookAdvice(notebook);
}

/**
 * The script in the active editor, the only one there is, or the one the person picks, best first; where none is found,
 * any file of theirs. Undefined when they leave.
 */
export async function pickScript(): Promise<string | undefined> {
  const folder = await chooseWorkspaceFolder();
  const candidates = await findScripts("training", folder, new AbortController().signal);
  const rows = [
    ...candidates.map((candidate) => ({
      label: candidate.path,
      description: candidate.reasons.join(", "),
      script: path.join(folder.uri.fsPath, candidate.path),
    })),
    { label: "$(folder-opened) Browse…", script: undefined },
  ];
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const inFront = rows.find(({ script }) => script !== undefined && script === active);
  const picked =
    candidates.length === 1 || inFront
      ? (inFront ?? rows[0])
      : await vscode.window.showQuickPick(candidates.length === 0 ? [...rows, NEW_SCRIPT] : rows, {
          title:
            candidates.length === 0 ? `No ${NAMES.training} was found in ${folder.name}` : `Which ${NAMES.training}?`,
          matchOnDescription: true,
        });
  if (picked === NEW_SCRIPT) {
    await vscode.commands.executeCommand("trainyard.newTrainingScript");
    return undefined;
  }
  return picked && (picked.script ?? browse(folder));
}

async function browse(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      defaultUri: folder.uri,
      filters: { Python: ["py"] },
      openLabel: "Choose",
    })) ?? [];
  return picked?.fsPath;
}

type Candidate = { path: string; reasons: readonly string[] };

async function findScripts(
  kind: ScriptKind,
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const { findTrainingScripts } = await import("../../node/training/findScripts.ts");
  const { candidates } = await findTrainingScripts(folder.uri.fsPath, signal);
  return candidates.filter((candidate) => candidate.kind === kind);
}
