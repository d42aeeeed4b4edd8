import type { CheckpointFolder } from "./checkpointFolder.ts";
import { parseGgufPart } from "./checkpointName.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { countTensors, type FormatReading } from "./formatReading.ts";
import { type GgufReading, readGguf } from "./gguf.ts";
import type { TensorEntry } from "./tensorEntry.ts";

/*
 * gguf-split writes model-00001-of-00003.gguf and so on. Each part is a whole GGUF file and says in its settings
 *
 *   split.no   its number, from 0      split.count   how many parts there are      split.tensors.count   tensors of all
 */

/** No model is split into more files than its five digits allow. */
const MAX_PARTS = 99_999;

/** Reads all parts of the model that a file belongs to; torn where one is missing. Throws only what the folder throws. */
export async function readGgufParts(
  folder: CheckpointFolder,
  name: string,
): Promise<FormatReading & { sizeBytes: number }> {
  const { base = "", count = 1 } = parseGgufPart(name) ?? {};
  const sizes = new Map(folder.files.map((file) => [file.name, file.sizeBytes]));
  const tensors: TensorEntry[] = [];
  let first: CheckpointContents | undefined;
  let problem: Completeness | undefined;
  let stated: number | undefined;
  let sizeBytes = 0;
  for (let part = 1; part <= Math.min(count, MAX_PARTS); part++) {
    const partName = `${base}-${String(part).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
    const reading = sizes.has(partName) ? await folder.open(partName, (source) => readGguf(source)) : undefined;
    problem ??= judgePart(reading, { partName, part, count });
    if (reading === undefined) {
      continue;
    }
    sizeBytes += sizes.get(partName) ?? 0;
    first ??= reading.contents;
    stated ??= reading.tensorsInAllParts;
    reading.tensors.forEach((tensor) => tensors.push(tensor));
  }
  const isCounted = stated === undefined || stated === tensors.length;
  const miscount = isCounted ? undefined : torn(`${tensors.length} of ${stated ?? 0} tensors are there`);
  return {
    format: "gguf",
    completeness:
      problem ?? miscount ?? whole(count === 1 ? "its one part is complete" : `all ${count} parts are complete`),
    contents: { ...(first ?? emptyContents), ...countTensors(tensors) },
    tensors,
    sizeBytes,
  };
}

function judgePart(
  reading: GgufReading | undefined,
  { partName, part, count }: { partName: string; part: number; count: number },
): Completeness | undefined {
  if (reading === undefined) {
    return torn(`${partName} is missing`);
  }
  const { state, reason } = reading.completeness;
  if (state !== "whole") {
    return { state, reason: `${partName}: ${reason}` };
  }
  const { split } = reading;
  return split !== undefined && (split.number !== part - 1 || split.count !== count)
    ? unknown(`${partName} says that it is part ${split.number + 1} of ${split.count}`)
    : undefined;
}
