import { escapeMarkdown } from "../base/markdown.ts";
import { textColumns } from "../base/textColumns.ts";
import { type GpuQueryResult, gibibytes, isIdle, whyNoneListed } from "./gpuChoice.ts";
import type { GpuLease } from "./gpuLease.ts";
import type { Gpu } from "./gpuReport.ts";

const MPS =
  "This Mac has one GPU, which shares the memory of the machine. Trainings that take the device `mps` use it; who does is not told by macOS.";

const HOW_TO_SEE_ONE =
  "If this machine has a GPU, `nvidia-smi` (for AMD `rocm-smi`) has to list it for your user; a container has to be started with it (`docker run --gpus all`).";

const HEAD = ["GPU", "name", "free", "in use", "run", "processes"];

/** The GPUs of this machine as a table: what is free, what uses the rest. */
export function renderGpus(result: GpuQueryResult, leases: readonly GpuLease[]): string {
  const none = describeNone(result, "**CPU**");
  if (none !== undefined) {
    return none;
  }
  const rows = gpusIn(result).map((gpu) => cellsOf(gpu, leases).map((cell) => escapeMarkdown(cell)));
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The same for a terminal, in columns. */
export function renderGpuColumns(result: GpuQueryResult, leases: readonly GpuLease[]): string {
  const none = describeNone(result, "CPU");
  return none ?? textColumns([HEAD, ...gpusIn(result).map((gpu) => cellsOf(gpu, leases))]);
}

function gpusIn(result: GpuQueryResult): readonly Gpu[] {
  return result.kind === "found" ? result.gpus : [];
}

/** Undefined where there is a GPU. */
function describeNone(result: GpuQueryResult, cpu: string): string | undefined {
  const reason = whyNoneListed(result);
  if (reason === undefined) {
    return undefined;
  }
  const hasMps = result.kind === "none" && result.hasMps === true;
  return hasMps ? MPS : `Trainings run on the ${cpu} here (${reason}). ${HOW_TO_SEE_ONE}`;
}

function cellsOf(gpu: Gpu, leases: readonly GpuLease[]): string[] {
  const memory =
    gpu.freeMiB === undefined || gpu.totalMiB === undefined
      ? "not reported"
      : `${gibibytes(gpu.freeMiB)} of ${gibibytes(gpu.totalMiB)}`;
  const load = gpu.utilizationPercent === undefined ? "not reported" : `${gpu.utilizationPercent} %`;
  const processes = gpu.processes.map(({ pid, name }) => `${name} (${pid})`).join(", ");
  const state = gpu.problem ?? (gpu.isPartitioned ? "partitioned" : undefined);
  const name = state === undefined ? gpu.name : `${gpu.name} (${state})`;
  const run = leases.find(({ uuid }) => uuid === gpu.uuid)?.runId ?? "";
  return [String(gpu.index), name, memory, load, run, processes || (isIdle(gpu) ? "none, idle" : "none")];
}
