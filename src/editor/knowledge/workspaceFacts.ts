import * as path from "node:path";
import * as vscode from "vscode";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { WorkspaceFacts } from "../../core/knowledge/fact.ts";
import { showReport } from "../base/shownText.ts";
import { factsOfFolder } from "./folderFacts.ts";

/** With nothing to speak of there is nothing to hand over, but something to begin. */
const BEGINNING: Pick<Reply, "buttons" | "offersHandoffs"> = {
  buttons: [
    { title: "New Training Script…", command: "trainyard.newTrainingScript" },
    { title: "New Metaflow Flow…", command: "trainyard.newFlow" },
  ],
  offersHandoffs: false,
};

const ALL: Pick<Reply, "buttons"> = { buttons: [{ title: "Show All Facts", command: "trainyard.showFacts" }] };

/** Facts of every open folder, as Markdown with links to where each was read; `brief` for an answer in the chat. */
export async function collectFacts(
  signal: AbortSignal,
  style: "full" | "brief" = "full",
): Promise<{ reply: Reply; facts: readonly WorkspaceFacts[] }> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    return { reply: { markdown: "No folder is open, so there is nothing to read facts from." }, facts: [] };
  }
  const { renderFactsMarkdown } = await import("../../core/knowledge/renderFacts.ts");
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const { facts } = await factsOfFolder(folder, signal);
      const { markdown, references } = renderFactsMarkdown(facts, style);
      const heading = folders.length > 1 ? [`### ${folder.name}`] : [];
      return {
        facts,
        markdown: [...heading, markdown].join("\n\n"),
        references: references.map((reference) => ({
          ...reference,
          path: path.resolve(folder.uri.fsPath, reference.path),
        })),
      };
    }),
  );
  return {
    facts: parts.map(({ facts }) => facts),
    reply: {
      markdown: parts.map(({ markdown }) => markdown).join("\n\n"),
      references: parts.flatMap(({ references }) => references),
      ...(parts.every(({ facts }) => facts.facts.length === 0) ? BEGINNING : ALL),
    },
  };
}

export const factsSlashCommand: SlashCommand = {
  participant: "mlops-engineer",
  name: "facts",
  description: "show what is known about this workspace, with file and line",
  offersHandoffs: false,
  answer: async (_request, signal) => (await collectFacts(signal, "brief")).reply,
};

/** The palette's twin of `/facts`: the same text as a preview. */
export async function showFacts(): Promise<void> {
  const { reply } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Reading the workspace" },
    () => collectFacts(new AbortController().signal),
  );
  await showReport("Workspace Facts", reply.markdown);
}
