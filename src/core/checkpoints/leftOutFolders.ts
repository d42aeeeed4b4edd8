import { UserError } from "../base/errors.ts";
import type { CheckpointListing } from "./checkpointListing.ts";

type LeftOut = Pick<Extract<CheckpointListing, { kind: "listed" }>, "folder" | "leftOut">;

/** That a folder holds more folders than are looked into, as a sentence; undefined where all were. */
export function describeLeftOut({ folder, leftOut = 0 }: LeftOut): string | undefined {
  if (leftOut === 0) {
    return undefined;
  }
  const were =
    leftOut === 1
      ? "one that changed longest ago was"
      : `${leftOut.toLocaleString("en")} that changed longest ago were`;
  return `There are too many folders in ${folder}: the ${were} not looked into. Name a folder in it to see what it holds.`;
}

/** Throws UserError where a checkpoint that was not seen could change what is concluded from the others. */
export function requireAll(listing: LeftOut): void {
  const sentence = describeLeftOut(listing);
  if (sentence !== undefined) {
    throw new UserError(`${sentence} What lies there might be newer or better, so nothing is chosen.`);
  }
}
