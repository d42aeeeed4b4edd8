import type { Column } from "../metrics/series.ts";

/** The smallest block that is remembered; shorter stretches are looked at value by value. */
const FIRST_BLOCK = 64;
const NONE = 0xffffffff;

/** Of every block of one size: where its least, its greatest and its first broken value are. */
class Level {
  least = new Uint32Array(16);
  greatest = new Uint32Array(16);
  broken = new Uint32Array(16);

  set(block: number, least: number, greatest: number, broken: number): void {
    if (block >= this.least.length) {
      this.least = doubled(this.least);
      this.greatest = doubled(this.greatest);
      this.broken = doubled(this.broken);
    }
    this.least[block] = least;
    this.greatest[block] = greatest;
    this.broken[block] = broken;
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}

/**
 * A pyramid of the least and greatest values of a column that grows: blocks of 64 values, of 128, of 256 and so on. Keeping it
 * up to date costs what was added, and less than one byte a value; a picture of any width costs its width.
 */
export class Extremes {
  readonly #levels: Level[] = [];
  #taken = 0;

  /** Takes the values that came since the last time. */
  take(values: Column): void {
    let firstBlock = Math.floor(this.#taken / FIRST_BLOCK);
    this.#taken = values.length;
    let blocks = Math.ceil(values.length / FIRST_BLOCK);
    for (let depth = 0; blocks > 0; depth++) {
      const level = (this.#levels[depth] ??= new Level());
      for (let block = firstBlock; block < blocks; block++) {
        if (depth === 0) {
          this.#setFromValues(level, values, block);
        } else {
          this.#setFromBelow(level, values, {
            block,
            depth,
            blocksBelow: Math.ceil(values.length / sizeOf(depth - 1)),
          });
        }
      }
      if (blocks === 1) {
        return;
      }
      firstBlock >>= 1;
      blocks = (blocks + 1) >> 1;
    }
  }

  /**
   * The indices of at most `maxPoints` values, in order: of every stretch its first, least, greatest and last, the first broken
   * one in place of the last. The stretches of a series that grows stay where they are until they must be wider.
   */
  pick(maxPoints: number): number[] {
    const stretches = Math.max(1, Math.floor(maxPoints / 4));
    let depth = 0;
    while (depth < this.#levels.length - 1 && this.#taken / sizeOf(depth) > stretches) {
      depth += 1;
    }
    const level = this.#levels[depth] ?? new Level();
    const kept: number[] = [];
    for (let from = 0, block = 0; from < this.#taken; from += sizeOf(depth), block++) {
      const last = Math.min(from + sizeOf(depth), this.#taken) - 1;
      const broken = level.broken[block] ?? NONE;
      const isLastStretch = last === this.#taken - 1;
      pushSorted(kept, [
        from,
        level.least[block] ?? from,
        level.greatest[block] ?? from,
        broken === NONE || isLastStretch ? last : broken,
      ]);
    }
    return kept;
  }

  #setFromValues(level: Level, values: Column, block: number): void {
    const from = block * FIRST_BLOCK;
    let [least, greatest, broken] = [from, from, NONE];
    for (let index = from; index < Math.min(from + FIRST_BLOCK, values.length); index++) {
      const value = values[index] ?? Number.NaN;
      if (Number.isNaN(value)) {
        broken = Math.min(broken, index);
      } else {
        least = isLess(value, values[least] ?? Number.NaN) ? index : least;
        greatest = isLess(values[greatest] ?? Number.NaN, value) || Number.isNaN(values[greatest]) ? index : greatest;
      }
    }
    level.set(block, least, greatest, broken);
  }

  #setFromBelow(level: Level, values: Column, { block, depth, blocksBelow }: Place): void {
    const below = this.#levels[depth - 1] ?? new Level();
    const [left, right] = [block * 2, Math.min(block * 2 + 1, blocksBelow - 1)];
    const [low, otherLow] = [below.least[left] ?? 0, below.least[right] ?? 0];
    const [high, otherHigh] = [below.greatest[left] ?? 0, below.greatest[right] ?? 0];
    level.set(
      block,
      isLess(values[otherLow] ?? Number.NaN, values[low] ?? Number.NaN) ? otherLow : low,
      isLess(values[high] ?? Number.NaN, values[otherHigh] ?? Number.NaN) || Number.isNaN(values[high])
        ? otherHigh
        : high,
      Math.min(below.broken[left] ?? 0, below.broken[right] ?? 0),
    );
  }
}

type Place = { block: number; depth: number; blocksBelow: number };

function sizeOf(depth: number): number {
  return FIRST_BLOCK * 2 ** depth;
}

/** Any number is less than NaN, so that NaN is never the least where there is a number. */
function isLess(value: number, than: number): boolean {
  return value < than || (Number.isNaN(than) && !Number.isNaN(value));
}

function pushSorted(into: number[], indices: number[]): void {
  indices.sort((a, b) => a - b);
  for (const index of indices) {
    if (into.at(-1) !== index) {
      into.push(index);
    }
  }
}
