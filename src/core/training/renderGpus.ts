import { escapeMarkdown } from "../base/markdown.ts";
import { type GpuQueryResult, gibibytes, isIdle } from "./gpuChoice.ts";
import type { Gpu } from "./gpuReport.ts";

/** The GPUs of this machine as a table: what is free, what uses the rest. */
export function renderGpus(result: GpuQueryResult): string {
  if (result.kind === "none") {
    return `Trainings run on the **CPU** here: ${result.reason}.`;
  }
  const rows = result.gpus.map((gpu) => `| ${cellsOf(gpu).join(" | ")} |`);
  return `| GPU | name | free | in use | processes |\n|---|---|---|---|---|\n${rows.join("\n")}`;
}

function cellsOf(gpu: Gpu): string[] {
  const memory =
    gpu.freeMiB === undefined || gpu.totalMiB === undefined
      ? "not reported"
      : `${gibibytes(gpu.freeMiB)} of ${gibibytes(gpu.totalMiB)}`;
  const load = gpu.utilizationPercent === undefined ? "not reported" : `${gpu.utilizationPercent} %`;
  const processes = gpu.processes.map(({ pid, name }) => `${escapeMarkdown(name)} (${pid})`).join(", ");
  return [
    String(gpu.index),
    escapeMarkdown(gpu.name),
    memory,
    load,
    processes || (isIdle(gpu) ? "none, idle" : "none"),
  ];
}
