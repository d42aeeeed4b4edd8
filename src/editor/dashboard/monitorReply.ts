import { stat } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { escapeMarkdown, inlineCode } from "../../core/base/markdown.ts";
import type { FileReference, Reply } from "../../core/chat/reply.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { curveImage } from "../../core/dashboard/curvePicture.ts";
import { describeMetrics, sortSummaries } from "../../core/dashboard/describeMetrics.ts";
import { nameRun } from "../../core/training/describeLaunch.ts";
import { describeRunInList } from "../../core/training/describeRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { FolderRunReply } from "../../node/metrics/metricsProtocol.ts";
import { displayPath, workspaceRoots } from "../base/workspace.ts";
import type { CurvesPanels, ReadSummaries } from "./curvesPanel.ts";

/** More buttons are not chosen from at a glance. */
const MAX_OFFERED = 8;

/** How the curves of a run, or of the logs in a folder, go, in numbers, and the panel one button away. */
export function monitorSlashCommand(panels: CurvesPanels): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "monitor",
    description: "say how the curves of a run or of a folder of logs go, and show them",
    followedBy: ["eval-agent", "data-prep"],
    async answer({ prompt, references }) {
      const folder = (await findPath(prompt)) ?? (await findFolder(references));
      return folder === undefined ? answerForRun(panels, prompt) : answerForFolder(panels, folder);
    },
  };
}

async function answerForRun(panels: CurvesPanels, prompt: string): Promise<Reply> {
  const compared = /\bcompare\b/i.test(prompt) ? await panels.findRunsToCompare(prompt) : [];
  if (compared.length > 1) {
    return answerComparison(panels, compared);
  }
  const run = await panels.findRun(prompt);
  if (run === undefined) {
    return answerWithoutRuns(panels);
  }
  const { summaries, source, deciding } = await panels.readSummaries(run);
  const { heading, body } = describeCurves(run, { summaries, source });
  // One value is no line.
  const picture = deciding !== undefined && deciding.summary.count > 1 ? [curveImage(deciding)] : [];
  const lone =
    /\bcompare\b/i.test(prompt) && panels.runCount === 1
      ? ["This is the only run of this workspace, so there is none to compare it with yet."]
      : [];
  const from = summaries.length === 0 ? [] : [`Read from ${escapeMarkdown(source)}.`];
  return {
    markdown: [...lone, heading, ...picture, body, ...from].join("\n\n"),
    buttons: [{ title: "Show Curves", command: "trainyard.showCurves", arguments: [run.record.id] }],
    // What goes on has no result yet to hand over.
    ...(hasEnded(run.state) ? {} : { offersHandoffs: false }),
  };
}

/** Each in numbers, and all of them in one panel. */
async function answerComparison(panels: CurvesPanels, runs: readonly Run[]): Promise<Reply> {
  const parts: string[] = [];
  for (const run of runs) {
    const { heading, body } = describeCurves(run, await panels.readSummaries(run));
    parts.push(heading, body);
  }
  const ids = runs.map(({ record }) => record.id);
  return {
    markdown: parts.join("\n\n"),
    buttons: [{ title: "Compare Curves", command: "trainyard.showCurves", arguments: [ids] }],
  };
}

function describeCurves(run: Run, { summaries, source }: Pick<ReadSummaries, "summaries" | "source">) {
  return {
    heading: `**${escapeMarkdown(nameRun(run, new Date()))}** · ${escapeMarkdown(describeRunInList(run))}`,
    body: summaries.length === 0 ? `There are ${escapeMarkdown(source)}.` : describeMetrics(summaries),
  };
}

async function answerWithoutRuns(panels: CurvesPanels): Promise<Reply> {
  const all = await panels.findFolders();
  const found = all.slice(0, MAX_OFFERED);
  const more = all.length - found.length;
  const started = "There are no runs in this workspace yet. Start one with /train.";
  const logs = found.map(({ name }) => inlineCode(name)).join(", ");
  return {
    markdown:
      found.length === 0
        ? started
        : `${started}\n\nThere are logs that something else wrote: ${logs}${more > 0 ? ` and ${more} more` : ""}.`,
    buttons: found.map(({ path: folder, name }) => showButton(folder, `Show Curves of ${name}`)),
    offersHandoffs: false,
  };
}

async function answerForFolder(panels: CurvesPanels, folder: string): Promise<Reply> {
  const name = displayPath(folder);
  const { runs, known, problems, lookedFor } = await panels.readFolder(folder);
  if (runs.length === 0) {
    const reasons = [...problems, lookedFor].map(escapeMarkdown).join(" ");
    return { markdown: `There are no values in ${inlineCode(name)}. ${reasons}`.trim(), offersHandoffs: false };
  }
  const more = known.length - runs.length;
  const heading = `**${escapeMarkdown(name)}** · ${known.length === 1 ? "one run" : `${known.length} runs`}`;
  const rest = more > 0 ? [`These are the newest; ${more} more can be chosen in the panel.`] : [];
  return {
    markdown: [heading, ...runs.map(describeRun), ...rest].join("\n\n"),
    buttons: [showButton(folder, "Show Curves")],
  };
}

/** The newest run comes with a picture; more of them would push the numbers out of sight. */
function describeRun({ name, series, source }: FolderRunReply, index: number): string {
  const summaries = sortSummaries(series.map(({ summary }) => summary));
  const deciding = series.find(({ tag }) => tag === summaries[0]?.tag);
  const picture = index === 0 && deciding !== undefined && deciding.summary.count > 1 ? [curveImage(deciding)] : [];
  return [`${inlineCode(name)} from ${escapeMarkdown(source)}`, ...picture, describeMetrics(summaries)].join("\n\n");
}

/** A button of a chat keeps only JSON. */
function showButton(folder: string, title: string) {
  return { title, command: "trainyard.showFolderCurves", arguments: [vscode.Uri.file(folder).toString()] };
}

/** The folder or file that a text names: all of it, or one of its words that is written as a path. */
async function findPath(prompt: string): Promise<string | undefined> {
  const words = prompt.split(/\s+/).filter((word) => /[\\/]/.test(word));
  for (const word of [prompt, ...words].map(withoutQuotes).filter((each) => each !== "")) {
    for (const root of path.isAbsolute(word) ? [""] : workspaceRoots()) {
      const named = path.resolve(root, word);
      if ((await stat(named).catch(() => undefined)) !== undefined) {
        return named;
      }
    }
  }
  return undefined;
}

function withoutQuotes(text: string): string {
  return text.trim().replace(/^(["'`])(.+)\1$/, "$2");
}

/** The first folder that the person attached; of files, code is attached as well. */
async function findFolder(references: readonly FileReference[]): Promise<string | undefined> {
  for (const reference of references) {
    if ((await stat(reference.path).catch(() => undefined))?.isDirectory() === true) {
      return reference.path;
    }
  }
  return undefined;
}
