import { newestWhole } from "../../core/checkpoints/checkpointListing.ts";
import type { ListFolder } from "../../core/checkpoints/listUntil.ts";

/** How large the model in the newest whole checkpoint of a folder is; undefined where none says so. */
export async function findModelSize(
  folder: string,
  listFolder: ListFolder,
): Promise<{ parameters: number; bytesPerParameter: number; hasOptimizerState: boolean } | undefined> {
  const listing = await listFolder(folder, { kind: "newest-whole" });
  const summary = listing.kind === "listed" ? newestWhole(listing.entries)?.summary : undefined;
  const bytesPerParameter = floatBytes(summary?.dtypes ?? []);
  if (summary === undefined || summary.parameterCount === 0 || bytesPerParameter === undefined) {
    return undefined;
  }
  return { parameters: summary.parameterCount, bytesPerParameter, hasOptimizerState: summary.hasOptimizerState };
}

/** Of the smallest floating-point type in use, since the estimate is a least; undefined for a quantized model. */
function floatBytes(dtypes: readonly string[]): number | undefined {
  const bits = dtypes.flatMap((dtype) => /^(?:b?float|bf|f|half)(16|32|64)$/i.exec(dtype)?.[1] ?? []).map(Number);
  return bits.length === 0 ? undefined : Math.min(...bits) / 8;
}
