import { setTimeout as delay } from "node:timers/promises";
import { type GpuQueryResult, isIdle, withPeaks } from "../../core/training/gpuChoice.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { type GpuQueryOptions, queryGpus } from "./gpuQuery.ts";

/** A training rests between two steps, while it validates or loads a batch; the driver itself averages over up to a second. */
const LOOKS = 3;
const GAP_MS = 200;
/** Where `nvidia-smi` is slow there are fewer looks: nobody waits longer than this for those after the first. */
const LIMIT_MS = 1_000;

/**
 * Asks what there is in order to choose from it. Where a GPU looks idle it is looked at some more times, within a second, and
 * counts as busy as the busiest look found it: one look between two steps of a training shows nothing.
 */
export async function watchGpus(options: GpuQueryOptions): Promise<GpuQueryResult> {
  let found = await queryGpus(options);
  const endMs = monotonicMs() + LIMIT_MS;
  for (let look = 1; look < LOOKS && found.kind === "found" && found.gpus.some(isIdle); look++) {
    await delay(GAP_MS, undefined, { signal: options.signal });
    const leftMs = endMs - monotonicMs();
    const next = leftMs <= 0 ? undefined : await queryGpus({ ...options, timeoutMs: leftMs });
    if (next?.kind !== "found") {
      break;
    }
    found = { kind: "found", gpus: withPeaks(next.gpus, found.gpus) };
  }
  return found;
}
