import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceChoice } from "../../core/training/gpuChoice.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a flow on several GPUs is started with so that each of its tasks gets its own: Trainyard's extension of Metaflow,
 * behind all else on Python's search path. Nothing where there is nothing to share out.
 */
export function taskGpuEnvironment({ environment }: DeviceChoice, inherited: Environment): { PYTHONPATH?: string } {
  const gpus = environment["CUDA_VISIBLE_DEVICES"]?.split(",") ?? [];
  const folder = extensionFolder();
  if (gpus.length < 2 || folder === undefined) {
    return {};
  }
  const searched = inherited["PYTHONPATH"];
  return { PYTHONPATH: searched ? searched + delimiter + folder : folder };
}

/** It lies beside the bundle's folder; a run from the sources finds it three folders up. */
function extensionFolder(): string | undefined {
  const folders = ["../python", "../../../python"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}/metaflow_extensions`));
}
