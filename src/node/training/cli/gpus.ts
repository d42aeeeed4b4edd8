import { isIdle, whyNoneListed } from "../../../core/training/gpuChoice.ts";
import type { GpuLease } from "../../../core/training/gpuLease.ts";
import type { Gpu } from "../../../core/training/gpuReport.ts";
import { renderGpuColumns } from "../../../core/training/renderGpus.ts";
import { type CliVerb, JSON_OPTION, UsageError } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { listGpuLeases } from "../gpuLease.ts";
import { queryGpus } from "../gpuQuery.ts";
import { userLeases } from "../runLeases.ts";

export const gpusVerb: CliVerb = {
  ...VERB_TEXTS.gpus,
  options: {
    json: JSON_OPTION,
  },
  async run({ words, options, host }) {
    if (words.length > 0) {
      throw new UsageError("gpus takes no further words.");
    }
    const { folder, isAlive } = userLeases();
    const [result, leases] = await Promise.all([
      queryGpus({ environment: process.env }),
      listGpuLeases(folder, isAlive),
    ]);
    if (options["json"] === true) {
      const gpus = result.kind === "found" ? result.gpus.map((gpu) => summarize(gpu, leases)) : [];
      host.print(JSON.stringify({ gpus, reason: whyNoneListed(result) }, undefined, 2));
    } else {
      host.print(renderGpuColumns(result, leases));
    }
    return 0;
  },
};

function summarize(gpu: Gpu, leases: readonly GpuLease[]) {
  const lease = leases.find(({ uuid }) => uuid === gpu.uuid);
  return { ...gpu, isIdle: isIdle(gpu), run: lease?.runId };
}
