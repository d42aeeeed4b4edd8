import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Sweep } from "../../core/training/sweep/sweepResults.ts";
import type { CommandTable } from "../base/commands.ts";
import { fileOf } from "../base/commandTarget.ts";
import { showReport } from "../base/shownText.ts";
import type { RunMonitor } from "./runMonitor.ts";
import type { FollowerProgram } from "./runTasks.ts";
import { startShownSweep, sweepWithDialog } from "./sweep.ts";

/** What the palette, the view and the buttons call about several runs that belong together. */
export function sweepCommands(monitor: RunMonitor, program: FollowerProgram): CommandTable {
  return {
    async startSweep(target) {
      await sweepWithDialog(fileOf(target)?.fsPath, program);
      await monitor.refresh();
    },
    async startShownSweep(shown) {
      await startShownSweep(shown, program, monitor);
      await monitor.refresh();
    },
    async stopSweep(target) {
      const none = "No sweep is going on in this workspace.";
      const sweep = await pickSweep(monitor, target, { title: "Stop which sweep?", none, isLive: true });
      if (sweep && (await confirmStop(sweep))) {
        const { stopSweep } = await import("../../node/training/stopSweep.ts");
        await stopSweep(sweep, "graceful");
        await monitor.refresh();
      }
    },
    async showSweep(target) {
      const none = "This workspace has no sweeps yet. Start one with Trainyard: Start Sweep.";
      const sweep = await pickSweep(monitor, target, {
        title: "Show the results of which sweep?",
        none,
        isLive: false,
      });
      if (sweep) {
        const { renderSweepTable } = await import("../../core/training/sweep/sweepResults.ts");
        const { runTabName } = await import("../../core/training/runId.ts");
        await showReport(`Results of ${runTabName(sweep.id)}`, renderSweepTable(sweep));
      }
    },
  };
}

type SweepChoice = { title: string; none: string; isLive: boolean };

/** The sweep of a row or with the id that a button carries, else the only one, else the one the person picks. */
async function pickSweep(
  monitor: RunMonitor,
  target: unknown,
  { title, none, isLive }: SweepChoice,
): Promise<Sweep | undefined> {
  await monitor.refresh();
  const { describeSweep, sweepsOf } = await import("../../core/training/sweep/sweepResults.ts");
  const id = idOf(target);
  const sweeps = sweepsOf(monitor.known.runs).filter((sweep) =>
    id === undefined ? sweep.isLive || !isLive : sweep.id === id,
  );
  const [only] = sweeps;
  if (!only) {
    throw new UserError(id === undefined ? none : `Sweep ${id} is not in this workspace any more.`);
  }
  if (sweeps.length === 1) {
    return only;
  }
  const rows = sweeps.map((sweep) => ({
    label: sweep.title,
    description: describeSweep(sweep),
    detail: sweep.id,
    sweep,
  }));
  return (await vscode.window.showQuickPick(rows, { title, matchOnDetail: true }))?.sweep;
}

function idOf(target: unknown): string | undefined {
  if (typeof target === "object" && target !== null && "sweepId" in target && typeof target.sweepId === "string") {
    return target.sweepId;
  }
  return typeof target === "string" ? target : undefined;
}

async function confirmStop(sweep: Sweep): Promise<boolean> {
  const { describeSweep } = await import("../../core/training/sweep/sweepResults.ts");
  const stop = "Stop All";
  const choice = await vscode.window.showWarningMessage(
    `Stop the sweep of ${sweep.title}?`,
    {
      modal: true,
      detail: `${describeSweep(sweep)}. Those that run get time to save a checkpoint; the others leave the queue.`,
    },
    stop,
  );
  return choice === stop;
}
