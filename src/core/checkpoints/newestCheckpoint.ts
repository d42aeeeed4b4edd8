import { UserError } from "../base/errors.ts";
import { type CheckpointEntry, type CheckpointListing, newestWhole } from "./checkpointListing.ts";
import { requireAll } from "./leftOutFolders.ts";

/** The checkpoint of a folder to resume from. Throws UserError where there is none, or not all of the folder was seen. */
export function requireNewestWhole(listing: CheckpointListing): CheckpointEntry {
  if (listing.kind !== "listed") {
    throw new UserError(listing.message);
  }
  requireAll(listing);
  const newest = newestWhole(listing.entries);
  if (newest === undefined) {
    throw new UserError(describeNone(listing));
  }
  return newest;
}

function describeNone({ entries, folder }: Extract<CheckpointListing, { kind: "listed" }>): string {
  if (entries.length === 0) {
    return `There are no checkpoints in ${folder}.`;
  }
  const whole = entries.filter(({ summary }) => summary.completeness.state === "whole");
  if (whole.length === 0) {
    return entries.length === 1
      ? `The only checkpoint in ${folder} is not whole.`
      : `None of the ${entries.length} checkpoints in ${folder} is whole.`;
  }
  const all = whole.length === 1 ? "The only whole checkpoint" : `Each of the ${whole.length} whole checkpoints`;
  return `${all} in ${folder} would run code when loaded. Look at what it holds before you resume: trainyard checkpoints ${folder}`;
}
