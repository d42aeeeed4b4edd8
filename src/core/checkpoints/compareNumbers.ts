import type { ByteSource } from "../base/byteSource.ts";
import { UserError } from "../base/errors.ts";
import { isSameShape } from "./compareCheckpoints.ts";
import { hasNumbers, numbersIn } from "./tensorNumbers.ts";
import { findTensorPlaces, type TensorPlace } from "./tensorPlaces.ts";

/** Of each file at a time: memory stays small however large a tensor is. A multiple of every item. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** A tensor of both whose numbers differ. Norms are Euclidean, over the numbers that are finite. */
export type TensorChange = {
  name: string;
  before: number;
  after: number;
  /** Norm of what was added, over the numbers that are finite in both. */
  difference: number;
  /** How many are NaN or infinite. */
  notFinite: { before: number; after: number };
};

export type NumbersComparison = {
  /** The most changed first, by the norm of the difference over the norm before. */
  changed: readonly TensorChange[];
  equalCount: number;
};

/**
 * Compares the numbers of the tensors that have name, type and shape in common, block by block. Undefined where the format of
 * one of them keeps its numbers in a way that is not read, or where it is not whole. Throws the reason of `signal` once it is aborted.
 */
export async function compareNumbers(
  before: ByteSource,
  after: ByteSource,
  signal?: AbortSignal,
): Promise<NumbersComparison | undefined> {
  const [places, others] = [await findTensorPlaces(before), await findTensorPlaces(after)];
  if (places === undefined || others === undefined) {
    return undefined;
  }
  const changed: TensorChange[] = [];
  let equalCount = 0;
  for (const [name, place] of places) {
    const other = others.get(name);
    if (other?.dtype !== place.dtype || !isSameShape(other.shape, place.shape) || !hasNumbers(place.dtype)) {
      continue;
    }
    const { differs, ...change } = await compareTensor([before, place], [after, other], signal);
    if (differs) {
      changed.push({ name, ...change });
    } else {
      equalCount++;
    }
  }
  return { changed: changed.toSorted(byChange), equalCount };
}

/** Two that are infinite have no difference that could be compared with zero. */
function byChange(one: TensorChange, other: TensorChange): number {
  const [a, b] = [relativeChange(one), relativeChange(other)];
  return a === b ? 0 : b > a ? 1 : -1;
}

/** How far a tensor moved by its own measure; infinite where it was zero before. */
export function relativeChange({ before, difference }: Pick<TensorChange, "before" | "difference">): number {
  return difference === 0 ? 0 : difference / before;
}

type Side = readonly [source: ByteSource, place: TensorPlace];

type Sums = {
  before: number;
  after: number;
  difference: number;
  lost: { before: number; after: number };
  differs: boolean;
};

async function compareTensor(
  [before, place]: Side,
  [after, other]: Side,
  signal: AbortSignal | undefined,
): Promise<Omit<TensorChange, "name"> & { differs: boolean }> {
  const sums: Sums = { before: 0, after: 0, difference: 0, lost: { before: 0, after: 0 }, differs: false };
  for (let at = 0; at < place.sizeBytes; at += BLOCK_BYTES) {
    signal?.throwIfAborted();
    const length = Math.min(BLOCK_BYTES, place.sizeBytes - at);
    const blocks = [await before.read(place.offset + at, length), await after.read(other.offset + at, length)] as const;
    if (blocks.some((block) => block.length < length)) {
      throw new UserError(
        "A checkpoint became shorter while its numbers were read. Compare them again once it is written.",
      );
    }
    addBlock(sums, numbersIn(place.dtype, blocks[0]), numbersIn(other.dtype, blocks[1]));
  }
  return {
    before: Math.sqrt(sums.before),
    after: Math.sqrt(sums.after),
    difference: Math.sqrt(sums.difference),
    notFinite: sums.lost,
    differs: sums.differs,
  };
}

function addBlock(sums: Sums, before: ArrayLike<number>, after: ArrayLike<number>): void {
  for (let index = 0; index < before.length; index++) {
    const from = before[index] ?? Number.NaN;
    const to = after[index] ?? Number.NaN;
    const isFrom = Number.isFinite(from);
    const isTo = Number.isFinite(to);
    sums.before += isFrom ? from * from : 0;
    sums.after += isTo ? to * to : 0;
    sums.difference += isFrom && isTo ? (to - from) * (to - from) : 0;
    sums.lost.before += isFrom ? 0 : 1;
    sums.lost.after += isTo ? 0 : 1;
    sums.differs ||= from !== to && !(Number.isNaN(from) && Number.isNaN(to));
  }
}
