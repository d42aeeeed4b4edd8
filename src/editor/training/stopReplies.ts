import { formatLocalTime } from "../../core/base/localTime.ts";
import { escapeMarkdown, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import { namedRun, namesRun, onlyNamedRun } from "../../core/training/namedRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** Stops the run that a text plainly says to stop; all else is asked about. */
export function stopSlashCommand(monitor: RunMonitor): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "stop",
    description: "stop a run so that it can save a checkpoint",
    offersHandoffs: false,
    answer: (request) => answerStop(monitor, request),
  };
}

async function answerStop(monitor: RunMonitor, { prompt }: SlashRequest): Promise<Reply> {
  await monitor.refresh();
  const live = monitor.known.runs.filter(({ state }) => !hasEnded(state));
  const { findSweep } = await import("../../core/training/sweep/sweepResults.ts");
  const liveSweep = findSweep(live, prompt.trim());
  // With those of its runs that nobody has started yet.
  const sweep = liveSweep && findSweep(monitor.known.runs, liveSweep.id);
  if (sweep !== undefined && prompt.trim() !== "" && onlyNamedRun(live, prompt) === undefined) {
    const { stopSweep } = await import("../../node/training/stopSweep.ts");
    await stopSweep(sweep, "graceful");
    return {
      markdown: `Every run of the sweep of **${sweep.title}** was asked to stop. Those that wait leave the queue; the others get time to save a checkpoint.`,
    };
  }
  const run = await runToStop(live, prompt);
  if (run) {
    const { requestStop } = await import("../../node/training/stopRequest.ts");
    await requestStop(run, "graceful");
    const { id, plan } = run.record;
    const isOnlyOfName = monitor.known.runs.filter(({ record }) => record.plan.title === plan.title).length === 1;
    const name = `**${escapeMarkdown(plan.title)}**${isOnlyOfName ? "" : ` (${inlineCode(id)})`}`;
    return {
      markdown:
        run.state === "waiting"
          ? `${name} leaves the queue and will not start.`
          : `${name} was asked to stop. It gets time to save a checkpoint; the view and the status bar show when it has ended.`,
      buttons: [{ title: "Show Output", command: "trainyard.showRunOutput", arguments: [id] }],
    };
  }
  if (live.length === 0 || (live.length === 1 && namesRun(prompt))) {
    return {
      markdown: namesRun(prompt)
        ? "That run is not going on. `/runs` lists them."
        : "No run is going on in this workspace.",
    };
  }
  return askWhichToStop({ live, known: monitor.known.runs }, prompt);
}

/** The run that a text says to stop and nothing more; stopping by mistake costs hours, so all else is asked about. */
async function runToStop(live: readonly Run[], prompt: string): Promise<Run | undefined> {
  const { isPlainStop, isSaidOfFlow } = await import("../../core/training/stopWords.ts");
  const named = onlyNamedRun(live, prompt);
  const others = prompt.split(/\s+/).filter((word) => named === undefined || namedRun([named], word) === undefined);
  const said = others.join(" ");
  // "Stop finetune?" asks.
  if (!isPlainStop(said) || prompt.trim().endsWith("?")) {
    return undefined;
  }
  const meant = isSaidOfFlow(said) ? live.filter(isRunOfFlow) : live;
  return named ?? (meant.length === 1 ? meant[0] : undefined);
}

function isRunOfFlow({ record }: Run): boolean {
  return record.plan.kind === "flow";
}

/** Which of the runs that go on are meant, and what of the text is not done. */
async function askWhichToStop(
  { live, known }: { live: readonly Run[]; known: readonly Run[] },
  prompt: string,
): Promise<Reply> {
  const { isSaidOfFlow } = await import("../../core/training/stopWords.ts");
  const { readStopWish } = await import("../../core/training/stopWish.ts");
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const { renderRunList } = await import("../../core/training/renderRuns.ts");
  const { runTabName } = await import("../../core/training/runId.ts");
  const now = new Date();
  const { meant, isLater, others } = readStopWish(prompt, live);
  const ended = namedRun(live, prompt) === undefined ? namedRun(known, prompt) : undefined;
  const lead = [
    ...(isSaidOfFlow(prompt) && !live.some(isRunOfFlow) ? ["No run of a flow is going on."] : []),
    ...(ended === undefined
      ? []
      : [
          `**${escapeMarkdown(ended.record.plan.title)}** is not going on: ${escapeMarkdown(describeRunInList(ended))}.`,
        ]),
    ...(isLater ? [NO_LATER_STOP] : []),
    ...others.map((other) => `${inlineCode(other)} is left out; ask for it by itself.`),
  ];
  const question =
    live.length === 1
      ? "Nothing was stopped. This run is going on:"
      : meant.length === 1
        ? "Nothing was stopped yet. The run that is named:"
        : `${meant.length} runs are going on. Which one?`;
  return {
    markdown: `${[...lead, question].join(" ")}\n\n${renderRunList(meant, now)}`,
    buttons: meant.map(({ record }) => ({
      title:
        meant.length === 1
          ? `Stop ${record.plan.title}`
          : `Stop ${runTabName(record.id)}, started ${formatLocalTime(record.createdAt, now)}`,
      command: "trainyard.stopRun",
      arguments: [record.id],
    })),
  };
}

const NO_LATER_STOP =
  "No stop waits for a time or a condition. The window says when a loss is no number, diverges or stalls; the stop is yours to press then.";
