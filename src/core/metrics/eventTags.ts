import type { GrowingSeries } from "./series.ts";

/** What is known of a tag of an event file. */
export type EventTag = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether its tensors are scalars; undefined until a value has said so. */
  isScalar: boolean | undefined;
  /** Where its values go; opened with the first of them. */
  series: GrowingSeries | undefined;
};

/** A longer name is no tag that a person reads. */
const MAX_TAG_BYTES = 4_096;
/** More than the series of one log, since pictures and texts have tags as well. */
const MAX_TAGS = 50_000;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Finds tags by their bytes, so that a name is decoded once and not with each of its values. */
export class EventTags {
  readonly #byHash = new Map<number, EventTag[]>();
  readonly #decoder = new TextDecoder();
  #size = 0;

  /** Undefined for what is too long, or one too many, to be a tag. */
  find(bytes: Uint8Array, from: number, to: number): EventTag | undefined {
    let hash = FNV_OFFSET;
    for (let at = from; at < to; at++) {
      hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
    }
    const known = this.#byHash.get(hash);
    if (known !== undefined) {
      for (const tag of known) {
        if (isSame(tag.bytes, bytes, from, to)) {
          return tag;
        }
      }
    }
    if (to - from > MAX_TAG_BYTES || this.#size >= MAX_TAGS) {
      return undefined;
    }
    const own = bytes.slice(from, to);
    const tag: EventTag = { name: this.#decoder.decode(own), bytes: own, isScalar: undefined, series: undefined };
    this.#size += 1;
    this.#byHash.set(hash, [...(known ?? []), tag]);
    return tag;
  }
}

function isSame(own: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (own.length !== to - from) {
    return false;
  }
  for (let index = 0; index < own.length; index++) {
    if (own[index] !== bytes[from + index]) {
      return false;
    }
  }
  return true;
}
