import { setImmediate as nextTurn } from "node:timers/promises";
import { deserialize, serialize } from "node:v8";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";

/** Unpacking as much takes a few milliseconds, for which nothing else happens on the thread that does it. */
const MAX_PIECE_BYTES = 256 * 1024;

/**
 * The entries of a folder as bytes, to be handed to another thread without copying. What a message holds otherwise is
 * copied in one go on the thread that gets it, however much it is.
 */
export function packEntries(entries: readonly CheckpointEntry[]): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let piece: CheckpointEntry[] = [];
  let sizeBytes = 0;
  for (const entry of entries) {
    const entryBytes = serialize(entry).length;
    if (piece.length > 0 && sizeBytes + entryBytes > MAX_PIECE_BYTES) {
      pieces.push(pack(piece));
      piece = [];
      sizeBytes = 0;
    }
    piece.push(entry);
    sizeBytes += entryBytes;
  }
  return piece.length > 0 ? [...pieces, pack(piece)] : pieces;
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

/** In memory of its own, since what the engine gives cannot always be handed over. */
function pack(entries: readonly CheckpointEntry[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(serialize(entries));
}
