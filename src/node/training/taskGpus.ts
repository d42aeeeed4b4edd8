import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { fitWorkers, type GpuNeed, type WorkerFit } from "../../core/metaflow/gpuFit.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Of a flow: where its tasks could want GPUs at once, and the words behind its file. */
type FlowCommand = { gpuNeeds: readonly GpuNeed[]; words: readonly string[] };

/**
 * What a flow is started with so that its tasks do not crowd onto one GPU: no more of them at once than the GPUs of its
 * run take, and, where there are several, Trainyard's extension of Metaflow behind all else on Python's search path,
 * which gives each task its own.
 */
export function taskGpuEnvironment(
  { gpuNeeds, words }: FlowCommand,
  gpuCount: number,
  inherited: Environment,
): Record<string, string> {
  const folder = gpuCount < 2 ? undefined : extensionFolder();
  const searched = inherited["PYTHONPATH"];
  return {
    ...workerLimit(words, fitWorkers(gpuNeeds, gpuCount)),
    ...(folder === undefined ? {} : { PYTHONPATH: searched ? searched + delimiter + folder : folder }),
  };
}

/** Metaflow takes the default of an option from a variable, so that `--max-workers` among the words counts more. */
function workerLimit(words: readonly string[], fit: WorkerFit | undefined): Record<string, string> {
  const isTyped = words.some((word) => /^--max-workers(?:=|$)/.test(word));
  const verb = words.find((word) => word === "run" || word === "resume");
  return isTyped || verb === undefined || fit === undefined
    ? {}
    : { [`METAFLOW_${verb.toUpperCase()}_MAX_WORKERS`]: String(fit.maxWorkers) };
}

/** It lies beside the bundle's folder; a run from the sources finds it three folders up. */
function extensionFolder(): string | undefined {
  const folders = ["../python", "../../../python"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}/metaflow_extensions`));
}
