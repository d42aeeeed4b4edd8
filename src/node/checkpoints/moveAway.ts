import { moveToTrash, type TrashPlace } from "./trash.ts";

/** Moves one path to the trash of the system, which a window on another machine has not. */
type SystemTrash = (path: string) => Promise<"moved" | "vanished" | "refused">;

/** Where each path that was to go is now. */
export type Moved = {
  inSystem: readonly string[];
  inFolder: readonly string[];
  vanished: readonly string[];
  stayed: readonly string[];
  /** The folder that holds `inFolder`, for `restoreTrash`. */
  trash?: string;
  /** Why those that stayed did, as the end of a sentence. */
  problem?: string;
};

/** Moves paths to the trash of the system, and those that it does not take to a trash folder. */
export async function moveAway(
  paths: readonly string[],
  { systemTrash, ...place }: TrashPlace & { systemTrash?: SystemTrash },
): Promise<Moved> {
  const inSystem: string[] = [];
  const gone: string[] = [];
  const left: string[] = [];
  for (const path of new Set(paths)) {
    // Where it refuses one, it most likely has no trash at all, and asking again for each takes long over a network.
    const answer = left.length > 0 ? "refused" : ((await systemTrash?.(path)) ?? "refused");
    ({ moved: inSystem, vanished: gone, refused: left })[answer].push(path);
  }
  if (left.length === 0) {
    return { inSystem, inFolder: [], vanished: gone, stayed: [] };
  }
  const { moved, vanished, ...rest } = await moveToTrash(left, place);
  const stayed = rest.problem === undefined ? [] : left.filter((path) => ![...moved, ...vanished].includes(path));
  return { inSystem, inFolder: moved, vanished: [...gone, ...vanished], stayed, ...rest };
}

/** What became of all of it, in sentences; `all` names the whole, such as `3 checkpoints`. */
export function describeMoved({ inSystem, inFolder, vanished, stayed, trash, problem }: Moved, all: string): string {
  const total = inSystem.length + inFolder.length + vanished.length + stayed.length;
  const named = ({ length }: readonly string[]) => (length === total ? all : countFiles(length));
  return [
    inSystem.length + inFolder.length === 0 && "Nothing was pruned.",
    inSystem.length > 0 &&
      `${named(inSystem)} moved to the trash of the system; restore them from there if you need them.`,
    inFolder.length > 0 && `${named(inFolder)} moved to ${trash}; delete that folder to free the space.`,
    vanished.length > 0 && `${named(vanished)} ${vanished.length === 1 ? "was" : "were"} gone already.`,
    stayed.length > 0 && `${named(stayed)} stayed: ${problem}.`,
  ]
    .filter((sentence) => sentence !== false)
    .join(" ");
}

/** That so many were put back, as a sentence. */
export function describeRestored(count: number): string {
  return `${countFiles(count)} ${count === 1 ? "is back where it was" : "are back where they were"}.`;
}

function countFiles(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "file or folder" : "files or folders"}`;
}
