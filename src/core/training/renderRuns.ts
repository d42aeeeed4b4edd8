import { formatLocalMoment, formatLocalTime } from "../base/localTime.ts";
import { escapeMarkdown, escapeSentence, fencedBlock, inlineCode } from "../base/markdown.ts";
import { maskSecretValue } from "../base/secretWords.ts";
import { renderShownCommand } from "./commandLine.ts";
import { describeRunEnd, describeRunInList, formatMetric } from "./describeRun.ts";
import { deviceName } from "./gpuChoice.ts";
import { describeLogLine, describeMissingLines, type LogParts } from "./logParts.ts";
import type { Fingerprint } from "./receiptSchema.ts";
import { seedOf } from "./runReceipt.ts";
import type { ResourceSample, Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";
import { type Alarm, describeLoggedProof, describeNextStep } from "./watchdog/alarm.ts";

/** A chat shows what fits on a screen; the view has the rest. */
const MAX_LISTED_RUNS = 15;
/** A receipt has the whole command; only a runaway argument list is cut. */
const MAX_COMMAND_CHARACTERS = 4_000;

/** All runs, newest first, with local times: two short lines for each, which a narrow chat does not break. */
export function renderRunList(runs: readonly Run[], now: Date): string {
  const rows = runs.slice(0, MAX_LISTED_RUNS).map((run) => {
    const started = formatLocalTime(run.record.createdAt, now);
    const title = escapeMarkdown(run.record.plan.title);
    return `- **${title}** · ${escapeMarkdown(describeRunInList(run))}  \n  started ${started} · ${inlineCode(run.record.id)}`;
  });
  const more = runs.length > MAX_LISTED_RUNS ? `\n\nand ${runs.length - MAX_LISTED_RUNS} older ones.` : "";
  return rows.join("\n") + more;
}

/** Everything about one run that a person asks first: how it went, what it ran, its last output. */
export function renderRunReport(run: Run, tail: readonly string[], now: Date): string {
  const { record, status } = run;
  const metrics = Object.entries(status.progress?.metrics ?? {});
  const parts = [
    [
      `**${escapeMarkdown(record.plan.title)}**`,
      ...(hasEnded(run.state) ? [] : [escapeMarkdown(describeRunInList(run))]),
      `started ${formatLocalTime(record.createdAt, now)}`,
    ].join(" · "),
    hasEnded(run.state) ? describeRunEnd(run) : "",
    !hasEnded(run.state) && status.problem !== undefined ? `> ⚠️ ${escapeSentence(status.problem)}` : "",
    ...(status.alarms ?? []).map((alarm) => renderAlarm(alarm, status.log)),
    metrics.length === 0
      ? ""
      : metrics.map(([name, value]) => `${escapeMarkdown(name)} **${formatMetric(value)}**`).join(" · "),
    status.resources === undefined ? "" : renderResources(status.resources),
    describeMissingLines(status.log?.missing) ?? "",
    tail.length === 0 ? "" : `Last output:\n\n${fencedBlock(tail.join("\n"), "text")}`,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A quoted warning with its proof; what was over by itself is said to be. */
export function renderAlarm(alarm: Alarm, log?: LogParts): string {
  const { message, evidence } = alarm;
  const line = evidence && ` ${inlineCode(evidence.text)} (${describeLogLine(evidence.line, log)}).`;
  const logged = describeLoggedProof(alarm);
  const proof = line ?? (logged === undefined ? "" : ` ${inlineCode(logged)}.`);
  return `> ⚠️ ${escapeSentence(message)}${proof} ${escapeSentence(describeNextStep(alarm))}`;
}

/** What the processes use: `CPU 180 % · memory 1204 MiB (at most 1310)`; two busy cores are 200 %. */
function renderResources({ cpuPercent, memoryMiB, peakMemoryMiB, gpus = [] }: ResourceSample): string {
  const used = [
    `CPU ${cpuPercent} %`,
    `memory ${memoryMiB} MiB (at most ${peakMemoryMiB})`,
    ...gpus.map(({ usedMiB, utilizationPercent }) => `GPU ${utilizationPercent ?? "?"} %, ${usedMiB ?? "?"} MiB`),
  ];
  return escapeMarkdown(used.join(" · "));
}

/** What ran, traceable: command, interpreter, device, commit, host. */
export function renderReceipt(run: Run): string {
  const { record, status } = run;
  const { plan, receipt } = record;
  const { interpreter } = plan;
  const rows: [string, string][] = [
    ["Run", inlineCode(record.id)],
    ["Command", inlineCode(renderShownCommand(plan.command), MAX_COMMAND_CHARACTERS)],
    ["Folder", inlineCode(plan.cwd)],
    [
      "Python",
      [interpreter.version, inlineCode(interpreter.path), escapeSentence(interpreter.reason)]
        .filter(Boolean)
        .join(" · "),
    ],
    ["Device", deviceText(plan.device, receipt.driver)],
    ["Environment", environmentText(plan.environment)],
    ["Commit", commitText(receipt.git)],
    ["Seed", seedOf(plan) ?? "not among the arguments"],
    ["Files", fingerprintText(receipt.files)],
    ["Data", fingerprintText(receipt.data)],
    ["Packages", receipt.packages === undefined ? "not recorded" : packagesText(receipt.packages)],
    ["Host", escapeMarkdown(`${receipt.host}, ${receipt.platform}`)],
    ["Started", status.startedAt === undefined ? "never" : formatLocalMoment(status.startedAt)],
    ["Ended", endText(run)],
    ["Trainyard", receipt.trainyardVersion],
  ];
  return rows.map(([name, value]) => `- **${name}** ${value}`).join("\n");
}

function fingerprintText(fingerprints: readonly Fingerprint[] = []): string {
  return fingerprints.length === 0
    ? "none named"
    : fingerprints.map(({ path, hash }) => `${inlineCode(path)} ${hash}`).join(", ");
}

/** Those that decide a result most; run.json has the rest. */
const TELLING_PACKAGES =
  /^(?:torch|tensorflow|jax|keras|lightning|pytorch-lightning|transformers|accelerate|numpy|scikit-learn|xgboost|lightgbm|metaflow)$/;

function packagesText(packages: Readonly<Record<string, string>>): string {
  const all = Object.entries(packages);
  const telling = all.filter(([name]) => TELLING_PACKAGES.test(name)).map(([name, version]) => `${name} ${version}`);
  return escapeMarkdown([...telling, `${all.length} in all`].join(", "));
}

function deviceText(device: Run["record"]["plan"]["device"], driver: string | undefined): string {
  const named = driver === undefined ? [] : [`driver ${escapeMarkdown(driver)}`];
  return [escapeMarkdown(deviceName(device)), escapeSentence(device.reason), ...named].join(" · ");
}

function commitText(git: Run["record"]["receipt"]["git"]): string {
  if (git === undefined) {
    return "not known: no git repository with a commit, or git did not answer in time";
  }
  const { commit, isDirty, diffFile, newCodeFile } = git;
  return [
    inlineCode(commit.slice(0, 12)),
    ...(isDirty ? [`with uncommitted changes${keptText(diffFile)}`] : []),
    ...(newCodeFile === undefined
      ? []
      : [`${isDirty ? "and " : ""}with code that git did not know${keptText(newCodeFile)}`]),
  ].join(" ");
}

function keptText(file: string | undefined): string {
  return file === undefined ? "" : `, kept in ${inlineCode(file)} of the run's folder`;
}

function environmentText(environment: Readonly<Record<string, string>>): string {
  const entries = Object.entries(environment);
  return entries.length === 0
    ? "as it was"
    : entries.map(([name, value]) => inlineCode(`${name}=${maskSecretValue(name, value)}`)).join(", ");
}

function endText({ state, status: { endedAt, exitCode, signal } }: Run): string {
  if (endedAt === undefined) {
    return hasEnded(state) ? "not known" : "not yet";
  }
  return `${formatLocalMoment(endedAt)}, ${signal ?? `exit code ${exitCode ?? "unknown"}`}`;
}
