import type { CheckpointEntry, CheckpointListing, UnreadableFile } from "../../core/checkpoints/checkpointListing.ts";
import { type CheckpointSummary, TORN_AFTER_MS } from "../../core/checkpoints/checkpointSummary.ts";
import type { WatchEvent, WatchTiming } from "../../core/checkpoints/checkpointWatch.ts";
import type { FoundParts } from "./listCheckpointFolder.ts";

export type CheckpointEvent = { folder: string } & (
  | Exclude<WatchEvent, { kind: "folder-missing" }>
  /** What was there when watching began, in one event; none of it is announced one by one. */
  | { kind: "listed"; entries: readonly CheckpointEntry[]; unreadable: readonly UnreadableFile[] }
  | { kind: "folder-missing"; message: string }
  /** Told once: some folders in it are not watched, since there are too many. */
  | { kind: "limited"; message: string }
);

/** Who reads what is in the files; a watch itself only looks at names, sizes and times. */
export type WatchReader = {
  read(found: FoundParts): Promise<CheckpointSummary>;
  list(folder: string): Promise<CheckpointListing>;
};

export type WatchOptions = Partial<WatchTiming> & {
  /** How long to wait between looks where the system reports changes; without its reports a fifth of that. */
  pollMs?: number;
  /** Reads on this thread by default. */
  reader?: WatchReader;
  /** Folders that are watched. */
  maxPlaces?: number;
  /** Told about what is no message for a person: a failing listener, a bug. */
  reportError?: (error: unknown) => void;
};

/** How long what is watched has to rest. */
export function timingOf(options: WatchOptions): WatchTiming {
  return {
    settleMs: options.settleMs ?? 100,
    unknownAfterMs: options.unknownAfterMs ?? 3_000,
    tornAfterMs: options.tornAfterMs ?? TORN_AFTER_MS,
  };
}
