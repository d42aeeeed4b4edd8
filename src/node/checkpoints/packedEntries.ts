import { setImmediate as nextTurn } from "node:timers/promises";
import { deserialize, serialize } from "node:v8";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";

/** Unpacking as much takes a few milliseconds, for which nothing else happens on the thread that does it. */
const MAX_PIECE_BYTES = 256 * 1024;
/** As many entries of the usual half kilobyte. */
const USUAL_PIECE = 512;

/**
 * The entries of a folder as bytes, to be handed to another thread without copying. What a message holds otherwise is
 * copied in one go on the thread that gets it, however much it is.
 */
export function packEntries(entries: readonly CheckpointEntry[]): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < entries.length; at += USUAL_PIECE) {
    pieces.push(...packWithin(entries.slice(at, at + USUAL_PIECE)));
  }
  return pieces;
}

/** Halved until it is small enough; a configuration may make an entry a hundred times the usual. */
function packWithin(entries: readonly CheckpointEntry[]): Uint8Array<ArrayBuffer>[] {
  const bytes = serialize(entries);
  if (bytes.length > MAX_PIECE_BYTES && entries.length > 1) {
    const half = entries.length >> 1;
    return [...packWithin(entries.slice(0, half)), ...packWithin(entries.slice(half))];
  }
  // In memory of its own, since what the engine gives cannot always be handed over.
  return [new Uint8Array(bytes)];
}

/** Lets others work after each piece. Throws the signal's reason when aborted. */
export async function unpackEntries(pieces: readonly Uint8Array[], signal?: AbortSignal): Promise<CheckpointEntry[]> {
  const entries: CheckpointEntry[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) {
      await nextTurn();
    }
    signal?.throwIfAborted();
    const unpacked: readonly CheckpointEntry[] = deserialize(piece);
    entries.push(...unpacked);
  }
  return entries;
}
