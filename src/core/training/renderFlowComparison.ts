import { inlineCode } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import type { ComparedArtifact, ComparedStep, FlowComparison } from "../metaflow/runs/compareRuns.ts";
import { type FlowArtifact, STATE_SIGNS, STATE_WORDS, type StepStatus } from "../metaflow/runs/flowRun.ts";
import { formatDuration } from "./duration.ts";
import { renderFlowRunList } from "./renderFlowRuns.ts";

/** Two runs side by side: what was given, what came out, and how long each step took. What is the same is only counted. */
export function renderFlowComparison(comparison: FlowComparison, now: Date): string {
  const { before, after } = comparison;
  const heads = `| ${inlineCode(before.id)} | ${inlineCode(after.id)} |`;
  return [
    renderFlowRunList([before, after], now),
    artifactTable("Parameters", comparison.parameters, heads),
    artifactTable("Artifacts", comparison.results, heads),
    stepTable(comparison.steps, heads),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function artifactTable(title: string, artifacts: readonly ComparedArtifact[], heads: string): string {
  if (artifacts.length === 0) {
    return "";
  }
  const changed = artifacts.filter(({ isSame }) => !isSame);
  const count = artifacts.length - changed.length;
  const same = count === 0 ? "" : `${count} of ${artifacts.length} ${count === 1 ? "is" : "are"} the same`;
  const rows = changed.map(
    ({ name, before, after }) =>
      `| ${inlineCode(name)} | ${cell(before)} | ${cell(after)} | ${change(before, after)} |`,
  );
  return rows.length === 0
    ? `**${title}:** all ${artifacts.length} are the same.`
    : [
        `**${title}**${same === "" ? "" : `, ${same}`}:`,
        "",
        `| name ${heads} change |`,
        "| --- | --- | --- | --- |",
        ...rows,
      ].join("\n");
}

function cell(artifact: FlowArtifact | undefined): string {
  if (artifact === undefined) {
    return "–";
  }
  const { text, type, sizeBytes } = artifact;
  return text === undefined
    ? `${inlineCode(type)}, ${renderBytes(sizeBytes)}`
    : inlineCode(text.replaceAll("|", "¦"), 120);
}

/** `+0.03 (+3.2 %)` between two numbers, else in words. */
function change(before: FlowArtifact | undefined, after: FlowArtifact | undefined): string {
  if (before === undefined || after === undefined) {
    return before === undefined ? "new" : "gone";
  }
  const [old, fresh] = [numberOf(before), numberOf(after)];
  return old === undefined || fresh === undefined ? "other content" : difference(old, fresh);
}

function numberOf({ type, text }: FlowArtifact): number | undefined {
  const value = /^(?:int|float)$/.test(type) && text !== undefined ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function difference(before: number, after: number): string {
  const by = after - before;
  const sign = by > 0 ? "+" : "";
  const share = before === 0 ? "" : ` (${sign}${((by / Math.abs(before)) * 100).toFixed(1)} %)`;
  return `${sign}${Number(by.toPrecision(4))}${share}`;
}

function stepTable(steps: readonly ComparedStep[], heads: string): string {
  if (steps.length === 0) {
    return "";
  }
  const rows = steps.map(({ name, before, after }) => {
    const by = before && after ? after.seconds - before.seconds : undefined;
    const longer = by === undefined || Math.abs(by) < 1 ? "" : `${by < 0 ? "−" : "+"}${formatDuration(Math.abs(by))}`;
    return `| ${inlineCode(name)} | ${timeOf(before)} | ${timeOf(after)} | ${longer} |`;
  });
  return ["**Steps:**", "", `| step ${heads} change |`, "| --- | --- | --- | --- |", ...rows].join("\n");
}

function timeOf(status: StepStatus | undefined): string {
  if (status === undefined) {
    return "–";
  }
  const tasks = status.tasks > 1 ? `, ${status.tasks} tasks` : "";
  return `${STATE_SIGNS[status.state]} ${STATE_WORDS[status.state]}, ${formatDuration(status.seconds)}${tasks}`;
}
