import { EndOfBytesError, readExactly } from "../../base/byteReader.ts";
import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import { type CheckpointContents, type Completeness, emptyContents, torn, unknown } from "../checkpointSummary.ts";
import { reasonOf } from "../formatReading.ts";
import type { ImportedName } from "../importedName.ts";
import { type CheckpointDetails, readCheckpointDetails } from "../readCheckpointFile.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { readTorchObject, type TorchObject } from "../torchZip.ts";

/** A run on two thousand GPUs writes some files for each; no more are opened to judge a folder. */
export const MAX_PARTS = 8_192;
const MAX_POINTER_BYTES = 4_096;

export type FolderParts = { parts: readonly CheckpointDetails[]; problem: Completeness | undefined };

/** Reads files that are checkpoints themselves; the first that is not whole is the folder's problem. */
export async function readParts(folder: CheckpointFolder, names: readonly string[]): Promise<FolderParts> {
  const parts: CheckpointDetails[] = [];
  let problem: Completeness | undefined;
  for (const name of names.slice(0, MAX_PARTS)) {
    const part = await folder.open(name, (source) => readCheckpointDetails(source, name));
    if (part === undefined) {
      problem ??= torn(`${name} is missing`);
    } else {
      parts.push(part);
      problem ??= problemOf(part, name);
    }
  }
  return { parts, problem };
}

/** What keeps a part from being whole, with its name; undefined for a whole one. */
function problemOf({ summary }: CheckpointDetails, name: string): Completeness | undefined {
  const { state, reason } = summary.completeness;
  return state === "whole" ? undefined : { state, reason: `${name}: ${reason}` };
}

/** The contents of several files of one model: counts add up, the first epoch, step and settings hold for all. */
export function mergeContents(parts: readonly CheckpointContents[]): CheckpointContents {
  const imports = new Map(parts.flatMap((part) => part.imports.map((each) => [each.name, each] as const)));
  return parts.reduce<CheckpointContents>(
    (sum, part) => ({
      ...part,
      ...sum,
      metrics: { ...part.metrics, ...sum.metrics },
      tensorCount: sum.tensorCount + part.tensorCount,
      parameterCount: sum.parameterCount + part.parameterCount,
      dtypes: [...new Set([...sum.dtypes, ...part.dtypes])],
      hasOptimizerState: sum.hasOptimizerState || part.hasOptimizerState,
      hasSchedulerState: sum.hasSchedulerState || part.hasSchedulerState,
    }),
    { ...emptyContents, imports: [...imports.values()] },
  );
}

/** Adds what loading further files would import; nothing else of them is told of the model. */
export function withImports(contents: CheckpointContents, more: readonly ImportedName[]): CheckpointContents {
  const imports = new Map([...contents.imports, ...more].map((each) => [each.name, each]));
  return { ...contents, imports: [...imports.values()] };
}

/** The tensors of several files; where more than one holds some, each name begins with that of its file. */
export function mergeTensors(parts: readonly CheckpointDetails[]): TensorEntry[] {
  const holding = parts.filter(({ tensors }) => tensors.length > 0);
  return holding.flatMap(({ summary, tensors }) =>
    holding.length === 1
      ? [...tensors]
      : tensors.map((tensor) => ({ ...tensor, name: `${summary.name}/${tensor.name}` })),
  );
}

/** The pickled object of a file of PyTorch, or undefined where it is not there or cannot be read. */
export async function openTorchObject(folder: CheckpointFolder, name: string): Promise<TorchObject | undefined> {
  return folder.open(name, async (source) => {
    try {
      return await readTorchObject(source);
    } catch (error) {
      if (error instanceof FormatError) {
        return undefined;
      }
      throw error;
    }
  });
}

/** A short text file such as `latest`, trimmed; undefined where there is none. */
export async function readPointer(folder: CheckpointFolder | undefined, name: string): Promise<string | undefined> {
  const text = await folder?.open(name, async (source) => {
    const length = Math.min(source.sizeBytes, MAX_POINTER_BYTES);
    return new TextDecoder().decode(await source.read(0, length));
  });
  return text?.trim();
}

/** A small file whole, for what is JSON or a pickle. Throws FormatError where it is larger than `maxBytes`. */
export async function readSmallFile(
  folder: CheckpointFolder,
  name: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  return folder.open(name, (source) => {
    if (source.sizeBytes > maxBytes) {
      throw new FormatError(name, 0, `it is larger than ${maxBytes} bytes`);
    }
    return readExactly(source, { offset: 0, length: source.sizeBytes }, name);
  });
}

/** What an unreadable file of a folder says about the folder. */
export function judgeUnreadable(name: string, error: FormatError): Completeness {
  const reason = `${name}: ${reasonOf(error)}`;
  return error instanceof EndOfBytesError ? torn(reason) : unknown(reason);
}

/** The first number that is missing of 0 … count - 1. */
export function firstMissing(numbers: ReadonlySet<number>, count: number): number | undefined {
  for (let index = 0; index < count; index++) {
    if (!numbers.has(index)) {
      return index;
    }
  }
  return undefined;
}
