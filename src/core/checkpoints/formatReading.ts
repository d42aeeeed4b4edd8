import {
  type CheckpointContents,
  type CheckpointFormat,
  type Completeness,
  emptyContents,
} from "./checkpointSummary.ts";
import type { TensorEntry } from "./tensorEntry.ts";

/** What the reader of one format gives: everything but name and size, which the caller knows. */
export type FormatReading = {
  format: CheckpointFormat;
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly TensorEntry[];
};

/** The reading of bytes of which nothing but their state can be told. */
export function unread(format: CheckpointFormat, completeness: Completeness): FormatReading {
  return { format, completeness, contents: emptyContents, tensors: [] };
}

/** Number of tensors and of their numbers, and every dtype once; texts and objects are no parameters. */
export function countTensors(
  tensors: readonly TensorEntry[],
): Pick<CheckpointContents, "tensorCount" | "parameterCount" | "dtypes"> {
  const numeric = tensors.filter(({ dtype }) => !/^(object|string|bytes|<U|\|S)/.test(dtype));
  return {
    tensorCount: tensors.length,
    parameterCount: numeric.reduce((count, { shape }) => count + countElements(shape), 0),
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))],
  };
}

export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The reason of a FormatError as half a sentence, without the format and the byte that it names for a log. */
export function reasonOf(error: Error): string {
  return error.message.replace(/^Not a valid .*? file \(byte \d+\): /, "").replace(/\.$/, "");
}
