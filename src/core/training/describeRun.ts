import { formatLocalMoment } from "../base/localTime.ts";
import { describeCause, describeFailure, describeProof } from "./describeFailure.ts";
import { formatDuration, formatRemaining } from "./duration.ts";
import { describeLogLine, type LogParts } from "./logParts.ts";
import type { Run, RunProgress, RunState, WorkerRestarts } from "./runRecord.ts";
import { describeWaiting } from "./runWait.ts";
import { activeAlarms, describeAlarmBriefly } from "./watchdog/alarm.ts";

/** The most telling metric comes first; `loss` tells how it goes, a validation score how it went. */
const LIVE_PREFERENCE = [/^loss$/, /^(?:train|training)[_/]loss/, /loss/, /^val/, /acc/];
const FINAL_PREFERENCE = [
  /^val(?:id|idation)?[_/].*(?:acc|f1|auc|map|iou|bleu|dice)/,
  /^(?:eval|test).*(?:acc|f1|auc|map|iou|bleu|dice)/,
  /^val(?:id|idation)?[_/].*loss/,
  /^eval_loss/,
  /acc|f1|auc|map|iou|bleu|dice/,
  /loss/,
];

/** The status bar: `digits · epoch 3/10 · loss 0.31 · 4 min left`. */
export function describeRunBriefly(run: Run): string {
  return [run.record.plan.title, ...describeStage(run)].join(" · ");
}

/** One line under a run's name in a list: `running · epoch 3/10 · loss 0.31`, `finished in 1 min 42 s · epoch 10`. */
export function describeRunInList(run: Run): string {
  const stage = describeStage(run);
  if (run.state === "running" && stage[0] !== "running") {
    return ["running", ...stage].join(" · ");
  }
  const [state = "", ...rest] = stage;
  return [state + after(run, run.state === "finished" ? "in" : "after"), ...rest].join(" · ");
}

/**
 * Beside a run's name in a narrow tree, where the end is cut off: `val_acc 0.987 · 39 s`, `loss 0.31 · 4 min left · epoch
 * 3/10`. That a run has finished or goes on is what its icon says.
 */
export function describeRunInRow(run: Run): string {
  if (run.state === "running") {
    return describeStage(run)
      .toSorted((a, b) => Number(isCount(a)) - Number(isCount(b)))
      .join(" · ");
  }
  const metric = pickMetric(run.status.progress?.metrics ?? {}, FINAL_PREFERENCE);
  const seconds = ranForSeconds(run);
  return run.state === "finished" && metric !== undefined && seconds !== undefined
    ? `${metric} · ${formatDuration(seconds)}`
    : describeRunInList(run);
}

/** What a person is told when a run has ended, in a full sentence or two. */
export function describeRunEnd(run: Run): string {
  const { restarts, log } = run.status;
  const sentence = END_SENTENCES[run.state](run);
  return restarts === undefined ? sentence : `${sentence} ${describeRestarts(restarts, log)}`;
}

/** Restarts that a training survived are part of its story and no failure. */
function describeRestarts({ count, localRank, exitCode, line }: WorkerRestarts, log: LogParts | undefined): string {
  const times = count === 1 ? "once" : `${count} times, the last time`;
  const manner = exitCode < 0 ? `was killed by signal ${-exitCode}` : `ended with exit code ${exitCode}`;
  return `torchrun had started its workers anew ${times} after the one with local rank ${localRank} ${manner} (${describeLogLine(line, log)}).`;
}

const END_SENTENCES: Readonly<Record<RunState, (run: Run) => string>> = {
  finished: (run) => [endSentence(run, "finished", "in"), ...remark(run)].join(" "),
  stopped: (run) =>
    run.status.startedAt === undefined
      ? `Run ${run.record.plan.title} was stopped before it started.`
      : endSentence(run, "was stopped", "after") +
        (run.status.endedAt === undefined ? " Nothing watched over its end, so its exit code is not known." : "") +
        howItWasForced(run),
  failed: (run) => describeFailure(run, after(run, "after")),
  lost: (run) =>
    run.status.startedAt === undefined
      ? `Run ${run.record.plan.title} was prepared but never started. Start it again.`
      : run.status.endedAt !== undefined
        ? describeLateEnd(run)
        : `Run ${run.record.plan.title} was lost: its processes are gone and left no exit code; the machine may have restarted. ` +
          `The last sign of life was at ${[formatLocalMoment(run.status.heartbeatAt), ...describeProgress(run.status.progress, FINAL_PREFERENCE)].join(", ")}. ` +
          "Resume from the newest checkpoint.",
  orphaned: (run) =>
    `Run ${run.record.plan.title} still trains (process ${run.status.training?.pid ?? "unknown"}), but the process that ` +
    "watched over it is gone and its output is not recorded. Stop it and resume from the newest checkpoint, or let it end.",
  waiting: describeUnended,
  starting: describeUnended,
  running: describeUnended,
  stopping: describeUnended,
};

/** A training that ends by itself after Ctrl-C has saved what it saves; one that was ended may not have. */
function howItWasForced({ status: { signal } }: Run): string {
  const manner = signal === "SIGKILL" ? "had to be killed" : "did not end by itself and was ended by SIGTERM";
  return signal === "SIGKILL" || signal === "SIGTERM"
    ? ` It ${manner}; a checkpoint that it was writing may be torn.`
    : "";
}

function unheardReason({ status }: Run): string {
  return status.isInBackground === true
    ? "its command had put it into the background, and only the command's own exit code could be heard."
    : "its first supervisor was killed, and only that one could have heard the exit code.";
}

/** A training that its first supervisor did not outlive. */
function describeLateEnd(run: Run): string {
  const { diagnosis, log } = run.status;
  const claim = `${endSentence(run, "ended", "after")} How is not known: ${unheardReason(run)}`;
  if (diagnosis === undefined) {
    return `${claim} Diagnose it: its log may tell why.`;
  }
  if (run.status.backgroundOutput !== undefined) {
    // What it printed is there, and nothing of it in the log.
    const facts = diagnosis.cause === "unknown" ? [] : (diagnosis.facts ?? []);
    return [claim, ...facts, diagnosis.advice].join(" ");
  }
  // Of a cause that is not known the facts say once more that nobody heard how it ended.
  const { facts: _said, ...unknown } = diagnosis;
  return describeCause(claim.replace(/\.$/, ""), diagnosis.cause === "unknown" ? unknown : diagnosis, log);
}

/** What a good end does not hide. */
function remark({ status: { diagnosis, log } }: Run): string[] {
  const [proof] = diagnosis?.evidence ?? [];
  const [fact] = diagnosis?.facts ?? [];
  if (proof === undefined && fact !== undefined) {
    return [`Yet ${fact}`];
  }
  const claim = diagnosis?.cause === "nan-loss" ? "Yet its loss is not a number:" : "Yet it printed";
  return proof === undefined ? [] : [`${claim} ${describeProof(proof, log)}.`];
}

function describeUnended(run: Run): string {
  return `Run ${run.record.plan.title} has not ended: ${describeStage(run).join(", ")}.`;
}

function endSentence(run: Run, manner: string, preposition: string): string {
  const claim = `Run ${run.record.plan.title} ${manner}${after(run, preposition)}`;
  const progress = describeProgress(run.status.progress, FINAL_PREFERENCE).join(", ");
  const full = progress === "" ? `${claim}.` : `${claim}: ${progress}.`;
  return run.status.problem === undefined ? full : `${full} ${run.status.problem}`;
}

function after(run: Run, preposition: string): string {
  const seconds = ranForSeconds(run);
  return seconds === undefined ? "" : ` ${preposition} ${formatDuration(seconds)}`;
}

function describeStage(run: Run): string[] {
  return STAGES[run.state](run);
}

const STAGES: Readonly<Record<RunState, (run: Run) => string[]>> = {
  waiting: ({ status }) => [describeWaiting(status.waitingFor)],
  starting: () => ["starting"],
  running: ({ status }) => {
    const progress = describeProgress(status.progress, LIVE_PREFERENCE);
    // What stands still or computes nothing has no end to forecast.
    const isHopeless = activeAlarms(status.alarms).some(({ kind }) => kind === "stall" || kind === "not-a-number");
    const eta = isHopeless ? undefined : status.progress?.etaSeconds;
    const [alarm] = activeAlarms(status.alarms);
    const warning = alarm === undefined ? [] : [describeAlarmBriefly(alarm)];
    const parts = eta === undefined ? progress : [...progress, formatRemaining(eta)];
    const { count = 0 } = status.restarts ?? {};
    const restarted = count === 0 ? [] : [count === 1 ? "workers restarted once" : `workers restarted ${count} times`];
    return parts.length === 0 ? ["running", ...warning, ...restarted] : [...warning, ...parts, ...restarted];
  },
  stopping: ({ status }) => ["stopping", ...describeProgress(status.progress, LIVE_PREFERENCE)],
  orphaned: () => ["running unwatched"],
  lost: ({ status }) =>
    status.startedAt === undefined
      ? ["never started"]
      : [status.endedAt === undefined ? "lost" : "ended", ...describeProgress(status.progress, FINAL_PREFERENCE)],
  finished: describeEndedStage,
  failed: describeEndedStage,
  stopped: describeEndedStage,
};

function describeEndedStage(run: Run): string[] {
  if (run.state === "stopped" && run.status.startedAt === undefined) {
    return ["stopped before it started"];
  }
  const isNotANumber = activeAlarms(run.status.alarms).some(({ kind }) => kind === "not-a-number");
  const warning = isNotANumber ? [describeAlarmBriefly({ kind: "not-a-number" })] : [];
  return [run.state, ...describeExit(run), ...warning, ...describeProgress(run.status.progress, FINAL_PREFERENCE)];
}

/** `epoch 3/10` or `step 450/1000`, then one metric. */
function describeProgress(progress: RunProgress | undefined, preference: readonly RegExp[]): string[] {
  if (progress === undefined) {
    return [];
  }
  const count =
    describeCount("epoch", progress.epoch, progress.epochs) ?? describeCount("step", progress.step, progress.steps);
  const metric = pickMetric(progress.metrics, preference);
  return [count, metric].filter((part) => part !== undefined);
}

function isCount(part: string): boolean {
  return /^(?:epoch|step) /.test(part);
}

function describeCount(name: string, done: number | undefined, total: number | undefined): string | undefined {
  if (done === undefined) {
    return undefined;
  }
  return total === undefined || done === total
    ? `${name} ${formatMetric(done)}`
    : `${name} ${formatMetric(done)}/${total}`;
}

function pickMetric(metrics: Readonly<Record<string, number>>, preference: readonly RegExp[]): string | undefined {
  const names = Object.keys(metrics);
  const ranked = preference.map((pattern) => names.find((name) => pattern.test(name)));
  const name = ranked.find((found) => found !== undefined);
  const value = name === undefined ? undefined : metrics[name];
  return value === undefined ? undefined : `${name} ${formatMetric(value)}`;
}

/** Four significant digits at most, no trailing zeros: `0.987`, `1.2e-7`, `12345`, `NaN`. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    return String(value);
  }
  return String(Number(value.toPrecision(4)));
}

function describeExit({ status }: Run): string[] {
  if (status.signal !== undefined) {
    return [status.signal];
  }
  return status.exitCode === undefined || status.exitCode === 0 ? [] : [`exit code ${status.exitCode}`];
}

/** A run that was lost ran at least until its last sign of life. */
function ranForSeconds({ state, status }: Run): number | undefined {
  const endedAt = status.endedAt ?? (state === "lost" ? status.heartbeatAt : undefined);
  if (status.startedAt === undefined || endedAt === undefined) {
    return undefined;
  }
  return (Date.parse(endedAt) - Date.parse(status.startedAt)) / 1000;
}
