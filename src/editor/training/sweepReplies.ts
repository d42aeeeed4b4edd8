import { escapeSentence } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { findSpokenScript } from "./pickScript.ts";
import type { RunMonitor } from "./runMonitor.ts";
import { planSweepIn } from "./sweep.ts";

/** `/sweep`: plans a sweep, or shows the results of one that is named. */
export function sweepSlashCommand(monitor: RunMonitor): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "sweep",
    description: "try every combination of some values, as many at once as there are free GPUs",
    offersHandoffs: false,
    async answer(request, signal) {
      await monitor.refresh();
      const { runs } = monitor.known;
      return (await answerResults(runs, request.prompt)) ?? answerPlan(request, signal);
    },
  };
}

/** The table of the sweep that a prompt names; of the newest one where it says `results`. */
async function answerResults(runs: readonly Run[], prompt: string): Promise<Reply | undefined> {
  const { findSweep, renderSweepTable, sweepsOf } = await import("../../core/training/sweep/sweepResults.ts");
  const named = prompt
    .trim()
    .split(/\s+/)
    .filter((word) => /^\d{8}-/.test(word))
    .map((word) => findSweep(runs, word))
    .find((sweep) => sweep !== undefined);
  const sweep = named ?? (/^(?:show )?(?:the )?results?$/i.test(prompt.trim()) ? sweepsOf(runs)[0] : undefined);
  return (
    sweep && {
      markdown: renderSweepTable(sweep),
      buttons: sweep.isLive ? [{ title: "Stop Sweep", command: "trainyard.stopSweep", arguments: [sweep.id] }] : [],
    }
  );
}

async function answerPlan(asked: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const { NOTHING_STARTS, takeHoldWords } = await import("../../core/training/holdWords.ts");
  const { text: prompt, isHeld } = takeHoldWords(asked.prompt);
  if (prompt.trim() === "") {
    return {
      markdown:
        "Name the values to try: `/sweep lr=1e-3,1e-4 batch=32,64 with 5 epochs`. Every combination becomes a run; " +
        "they wait for free GPUs, or for each other on the CPU. `seed=1..5` stands for five whole numbers, `1..100..10` for every tenth.",
      buttons: [{ title: "Start Sweep…", command: "trainyard.startSweep", arguments: [] }],
    };
  }
  const folder = await chooseWorkspaceFolder();
  const { readPresets } = await import("../../node/training/presetFile.ts");
  const { takePreset } = await import("../../core/training/presets.ts");
  const { presets } = await readPresets(folder.uri.fsPath);
  const namesScript = /\.py\b/.test(prompt) || takePreset(prompt, presets).preset !== undefined;
  const found = namesScript ? undefined : await findSpokenScript({ kind: "training", text: prompt }, folder, signal);
  const planned = await planSweepIn(folder, { text: prompt, script: found?.script }, signal);
  const { renderSweepMarkdown, sweepDigest, sweepWarnings } = await import("../../core/training/sweep/sweepPlan.ts");
  const { request, notes, presetProblems } = planned;
  const sweep = { ...planned.sweep, others: found?.others ?? [] };
  const shown = { request, folderUri: folder.uri.toString(), digest: sweepDigest(sweep) };
  const plain = sweepWarnings(sweep).length > 0 ? "Start Anyway" : `Start ${sweep.runs.length} Runs`;
  return {
    markdown: [
      ...(isHeld ? [NOTHING_STARTS] : []),
      ...[...notes, ...presetProblems].map((note) => `> ⚠️ ${escapeSentence(note)}`),
      renderSweepMarkdown(sweep),
    ].join("\n\n"),
    references: [{ path: sweep.script }],
    ...(isHeld
      ? { isProposal: true }
      : {
          buttons: [
            {
              title: notes.length > 0 ? "Start Without It" : plain,
              command: "trainyard.startShownSweep",
              arguments: [shown],
            },
          ],
        }),
  };
}
