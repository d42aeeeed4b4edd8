import { formatLocalMoment, formatLocalTime } from "../base/localTime.ts";
import { describeRunEnd, describeRunInList, formatMetric } from "./describeRun.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";

/** A chat shows what fits on a screen; the view has the rest. */
const MAX_LISTED_RUNS = 15;

/** All runs as a table, newest first, with local times. */
export function renderRunList(runs: readonly Run[], now: Date): string {
  const rows = runs.slice(0, MAX_LISTED_RUNS).map(({ record, ...run }) => {
    const started = formatLocalTime(record.createdAt, now);
    return `| ${cell(record.plan.title)} | ${cell(describeRunInList({ record, ...run }))} | ${started} | \`${record.id}\` |`;
  });
  const more = runs.length > MAX_LISTED_RUNS ? `\n\nand ${runs.length - MAX_LISTED_RUNS} older ones.` : "";
  return `| run | state | started | id |\n|---|---|---|---|\n${rows.join("\n")}${more}`;
}

/** Everything about one run that a person asks first: how it went, what it ran, its last output. */
export function renderRunReport(run: Run, tail: readonly string[]): string {
  const { record, status } = run;
  const metrics = Object.entries(status.progress?.metrics ?? {});
  const parts = [
    `**${record.plan.title}** · ${describeRunInList(run)}`,
    hasEnded(run.state) ? describeRunEnd(run) : "",
    metrics.length === 0 ? "" : metrics.map(([name, value]) => `${name} **${formatMetric(value)}**`).join(" · "),
    tail.length === 0 ? "" : `Last output:\n\n${fenced(tail.join("\n"))}`,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** What ran, traceable: command, interpreter, device, commit, host. */
export function renderReceipt({ record, status }: Run): string {
  const { plan, receipt } = record;
  const git = receipt.git;
  const rows: [string, string][] = [
    ["run", `\`${record.id}\``],
    ["command", `\`${plan.command.join(" ")}\``],
    ["folder", `\`${plan.cwd}\``],
    ["interpreter", `\`${plan.interpreter.path}\` ${plan.interpreter.version ?? ""} (${plan.interpreter.reason})`],
    ["device", plan.device.reason],
    ["environment", environmentText(plan.environment)],
    [
      "commit",
      git === undefined
        ? "not in a git repository"
        : `\`${git.commit.slice(0, 12)}\`${git.isDirty ? " with uncommitted changes" : ""}`,
    ],
    ["host", `${receipt.host}, ${receipt.platform}`],
    ["started", status.startedAt === undefined ? "never" : formatLocalMoment(status.startedAt)],
    ["ended", endText(status)],
    ["Trainyard", receipt.trainyardVersion],
  ];
  return `| | |\n|---|---|\n${rows.map(([name, value]) => `| ${name} | ${cell(value)} |`).join("\n")}`;
}

function environmentText(environment: Readonly<Record<string, string>>): string {
  const entries = Object.entries(environment);
  return entries.length === 0 ? "as it was" : entries.map(([name, value]) => `\`${name}=${value}\``).join(", ");
}

function endText({ endedAt, exitCode, signal }: Run["status"]): string {
  if (endedAt === undefined) {
    return "not yet";
  }
  return `${formatLocalMoment(endedAt)}, ${signal ?? `exit code ${exitCode ?? "unknown"}`}`;
}

/** A fence longer than any in the text, so that output cannot end the block. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
