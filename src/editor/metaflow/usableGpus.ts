import type { Gpu } from "../../core/training/gpuReport.ts";
import { visibleGpus } from "../../core/training/visibleGpus.ts";

/** The GPUs that a run started from here may be given; empty where the machine has none. */
export async function usableGpus(signal?: AbortSignal): Promise<readonly Gpu[]> {
  const { queryGpus } = await import("../../node/training/gpuQuery.ts");
  const query = await queryGpus({ environment: process.env, signal });
  return query.kind === "found" ? visibleGpus(query.gpus, process.env).filter((gpu) => !gpu.isPartitioned) : [];
}
