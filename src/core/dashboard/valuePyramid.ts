type Values = ArrayLike<number>;

/**
 * Where a stretch of values is least and greatest, and where in it the first value is that is no number; -1 for none. The
 * sum and the count of its finite values.
 */
type Node = { least: number; greatest: number; broken: number; sum: number; count: number };

/** The stretch that one node of the lowest level stands for. Shorter ones are looked through each time. */
const BASE = 64;

/** How many values one stretch of a picture stands for that has about `maxPoints` of so many: 1 where all are drawn. */
export function stretchOf(length: number, maxPoints: number): number {
  if (length <= maxPoints) {
    return 1;
  }
  let size = 2;
  while (length / size > maxPoints / 4) {
    size *= 2;
  }
  return size;
}

/**
 * The extremes and means of a growing column over stretches of 64, 128, 256… values. Picking what a picture needs of a stretch
 * costs as much as the picture has points, however many values there are.
 */
export class ValuePyramid {
  readonly #levels: Node[][] = [];
  #values: Values = [];

  /** Takes the column with what was added to it. Only whole stretches are kept, since an unfinished one changes. */
  grow(values: Values): void {
    this.#values = values;
    const base = (this.#levels[0] ??= []);
    while ((base.length + 1) * BASE <= values.length) {
      base.push(this.#scan(base.length * BASE, (base.length + 1) * BASE));
    }
    for (let level = 1; (this.#levels[level - 1]?.length ?? 0) >= 2; level++) {
      const below = this.#levels[level - 1] ?? [];
      const nodes = (this.#levels[level] ??= []);
      while ((nodes.length + 1) * 2 <= below.length) {
        nodes.push(this.#join(below[nodes.length * 2], below[nodes.length * 2 + 1]));
      }
    }
  }

  /** Forgets the values behind the first `length`. */
  cut(length: number): void {
    this.#levels.forEach((nodes, level) => {
      nodes.length = Math.min(nodes.length, Math.floor(length / (BASE * 2 ** level)));
    });
  }

  /**
   * The indexes of at most about `maxPoints` values between two indexes that show where the column has its peaks and
   * gaps: of each stretch the first, the least, the greatest, the first that is no number and the last. The
   * stretches begin at multiples of their length, so a column that grows does not make the picture of its past tremble.
   */
  pick(from: number, until: number, maxPoints: number): number[] {
    const size = stretchOf(until - from, maxPoints);
    if (size === 1) {
      return Array.from({ length: Math.max(0, until - from) }, (_, at) => from + at);
    }
    const kept: number[] = [];
    for (let start = Math.floor(from / size) * size; start < until; start += size) {
      const end = Math.min(start + size, this.#values.length);
      kept.push(...this.#landmarks(start, end, this.#find(start, size)));
    }
    return kept;
  }

  /** For each of some indexes the mean of the finite values in the stretch of that length around it; NaN at what is no number. */
  means(indexes: readonly number[], size: number): Float64Array {
    let [of, mean] = [-1, Number.NaN];
    return Float64Array.from(indexes, (index) => {
      const value = this.#at(index);
      if (size === 1 || !Number.isFinite(value)) {
        return value;
      }
      const start = Math.floor(index / size) * size;
      if (start !== of) {
        const { sum, count } = this.#find(start, size);
        [of, mean] = [start, sum / count];
      }
      return mean;
    });
  }

  #landmarks(start: number, end: number, { least, greatest, broken }: Node): number[] {
    const found = [start, least, greatest, broken, end - 1].filter((index) => index >= 0);
    return [...new Set(found)].toSorted((a, b) => a - b);
  }

  /** The node of a stretch, put together from the stored ones below it where it is not whole. */
  #find(start: number, size: number): Node {
    const end = Math.min(start + size, this.#values.length);
    if (size < BASE) {
      return this.#scan(start, end);
    }
    const known = this.#levels[Math.log2(size / BASE)]?.[start / size];
    if (known !== undefined) {
      return known;
    }
    const half = size / 2;
    if (size === BASE || start + half >= end) {
      return size === BASE ? this.#scan(start, end) : this.#find(start, half);
    }
    return this.#join(this.#find(start, half), this.#find(start + half, half));
  }

  #scan(from: number, until: number): Node {
    const node: Node = { least: -1, greatest: -1, broken: -1, sum: 0, count: 0 };
    for (let index = from; index < until; index++) {
      const value = this.#values[index] ?? Number.NaN;
      if (Number.isNaN(value)) {
        node.broken = node.broken < 0 ? index : node.broken;
      } else {
        node.least = node.least < 0 || value < this.#at(node.least) ? index : node.least;
        node.greatest = node.greatest < 0 || value > this.#at(node.greatest) ? index : node.greatest;
      }
      if (Number.isFinite(value)) {
        node.sum += value;
        node.count += 1;
      }
    }
    return node;
  }

  #join(left: Node | undefined, right: Node | undefined): Node {
    if (left === undefined || right === undefined) {
      return left ?? right ?? { least: -1, greatest: -1, broken: -1, sum: 0, count: 0 };
    }
    const isLeftLeast = right.least < 0 || (left.least >= 0 && this.#at(left.least) <= this.#at(right.least));
    const isLeftGreatest =
      right.greatest < 0 || (left.greatest >= 0 && this.#at(left.greatest) >= this.#at(right.greatest));
    return {
      least: isLeftLeast ? left.least : right.least,
      greatest: isLeftGreatest ? left.greatest : right.greatest,
      broken: left.broken < 0 ? right.broken : left.broken,
      sum: left.sum + right.sum,
      count: left.count + right.count,
    };
  }

  #at(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }
}
