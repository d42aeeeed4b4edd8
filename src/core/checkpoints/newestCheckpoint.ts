import { UserError } from "../base/errors.ts";
import {
  type CheckpointEntry,
  type CheckpointListing,
  entryName,
  isPassedOver,
  loadable,
  newestFirst,
} from "./checkpointListing.ts";
import { isCheckpointName } from "./checkpointName.ts";
import { partsOf } from "./checkpointParts.ts";
import { parseSeriesName } from "./checkpointSeries.ts";
import { describeTrust } from "./importedName.ts";
import { requireAll } from "./leftOutFolders.ts";
import { areOneModel, standsForOthers } from "./modelOfName.ts";
import { parseCheckpointName } from "./namedFacts.ts";
import { mayBeOneTraining, trainingOf } from "./oneTraining.ts";
import { chooseResumePoint, reasonAgainst } from "./resumeChoice.ts";

/** The newest that is whole, may be loaded and does not say itself that its loss is NaN or infinite. */
export function newestSound(entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  const isLoadable = loadable(entries);
  return newestFirst(entries).find((entry) => isLoadable(entry) && reasonAgainst(entry) === undefined);
}

/** The same, past weights alone where the run that saved them has a checkpoint of that model with the state of the optimizer. */
export function newestToResume(entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  const newest = newestSound(entries);
  return newest && (chooseResumePoint(alikeTo(newest, entries)).chosen ?? newest);
}

/** Why each newer one is not the one to resume from, as sentences; undefined where there is none, or nothing speaks against it. */
export function describeNewer(chosen: CheckpointEntry, entries: readonly CheckpointEntry[]): string | undefined {
  const isLoadable = loadable(entries);
  const { passedOver } = chooseResumePoint(alikeTo(chosen, entries));
  const reasons = new Map(passedOver.map(({ entry, reason }) => [entry, reason]));
  const inOrder = newestFirst(entries);
  const told = inOrder.slice(0, Math.max(0, inOrder.indexOf(chosen))).flatMap((entry) => {
    const trust = isLoadable(entry) ? undefined : describeTrust(entry.summary.imports);
    const reason = isPassedOver(entry) ? undefined : (reasons.get(entry) ?? reasonAgainst(entry) ?? trust);
    return reason === undefined ? [] : `${entryName(entry)} is newer than ${entryName(chosen)}, but ${reason}.`;
  });
  const more = told.length - MAX_NEWER;
  const others = more > 0 ? [`${more} more ${more === 1 ? "is" : "are"} passed over.`] : [];
  return told.length === 0 ? undefined : [...told.slice(0, MAX_NEWER), ...others].join(" ");
}

const MAX_NEWER = 3;

/** That its run has the state of an optimizer in a file that is named like another model, as a sentence. */
export function describeWeightsAlone(chosen: CheckpointEntry, entries: readonly CheckpointEntry[]): string | undefined {
  const isLoadable = loadable(entries);
  const { tensorCount, hasOptimizerState } = chosen.summary;
  const stateful = newestFirst(entries).find(
    (entry) =>
      entry.run === chosen.run &&
      entry.summary.hasOptimizerState &&
      !isPassedOver(entry) &&
      isLoadable(entry) &&
      reasonAgainst(entry) === undefined,
  );
  return tensorCount === 0 || hasOptimizerState || stateful === undefined
    ? undefined
    : `${entryName(chosen)} holds weights alone. ${entryName(stateful)} beside it has the state of the optimizer, but is named like another model.`;
}

/** Beside the chosen one what is named like it, with a higher step, or epoch where it has no step; the highest first. */
export function namedFurther({ summary }: CheckpointEntry, namesBeside: readonly string[]): string[] {
  const { pattern } = parseSeriesName(summary.name);
  const unit = summary.step === undefined ? "epoch" : "step";
  const reached = summary[unit];
  const reachedBy = (name: string) => parseCheckpointName(name)[unit] ?? Number.NEGATIVE_INFINITY;
  return namesBeside
    .filter((name) => reached !== undefined && reachedBy(name) > reached && parseSeriesName(name).pattern === pattern)
    .toSorted((a, b) => reachedBy(b) - reachedBy(a));
}

/** What lies beside the chosen one under the same number, such as the other half of a GAN, as a sentence; undefined where nothing does. */
export function describeCompanions(chosen: string, namesBeside: readonly string[]): string | undefined {
  const { pattern, numbers } = parseSeriesName(chosen);
  const training = trainingOf(pattern);
  const parts = new Set(partsOf(chosen, namesBeside));
  const companions = namesBeside.filter((name) => {
    const other = parseSeriesName(name);
    const isOfSave = numbers.length > 0 && JSON.stringify(other.numbers) === JSON.stringify(numbers);
    const isPart = () => other.pattern !== pattern && mayBeOneTraining(trainingOf(other.pattern), training);
    return isOfSave && isPart() && !parts.has(name) && isCheckpointName(name) && !standsForOthers(name);
  });
  const named = companions.toSorted().slice(0, MAX_COMPANIONS).join(", ");
  const more = companions.length > MAX_COMPANIONS ? ` and ${companions.length - MAX_COMPANIONS} more` : "";
  return companions.length === 0
    ? undefined
    : `${named}${more} beside it ${companions.length === 1 ? "bears" : "bear"} the same number as ${chosen}: a training that saves them together needs all of them.`;
}

const MAX_COMPANIONS = 3;

/** Another model of the same folder is none to go on from in its place. */
function alikeTo(newest: CheckpointEntry, entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  return entries.filter(({ run, summary }) => run === newest.run && areOneModel(summary.name, newest.summary.name));
}

/** The checkpoint of a folder to resume from. Throws UserError where there is none, or not all of the folder was seen. */
export function requireNewestWhole(listing: CheckpointListing): CheckpointEntry {
  if (listing.kind !== "listed") {
    throw new UserError(listing.message);
  }
  requireAll(listing);
  const newest = newestToResume(listing.entries);
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
  const isLoadable = loadable(entries);
  if (whole.some(isLoadable)) {
    return `${all} in ${folder} would run code when loaded or has a loss that is NaN or infinite, so there is none to resume from. To see them: trainyard checkpoints ${folder}`;
  }
  return `${all} in ${folder} would run code when loaded. Look at what it holds before you resume: trainyard checkpoints ${folder}`;
}
