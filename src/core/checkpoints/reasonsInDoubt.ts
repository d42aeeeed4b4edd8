import { groupBy } from "../base/groupBy.ts";
import {
  type CheckpointEntry,
  type CheckpointLink,
  isWhole,
  mayBeData,
  newestFirst,
  newestWhole,
} from "./checkpointListing.ts";
import { nameIn } from "./checkpointParts.ts";
import { seriesNameOf } from "./checkpointSeries.ts";
import { type CheckpointWriter, isWrittenBy } from "./checkpointWriter.ts";
import { mayBeOneTraining, trainingOf } from "./oneTraining.ts";
import { holdsFile } from "./sharedFiles.ts";

/** Scripts look for these under exactly this name. */
const FIXED_NAME =
  /^(?:(?:model|checkpoint|ckpt)[-_.]?)?(?:best|last|latest|final)(?:[-_.]?(?:model|checkpoint|ckpt|weights))?(?:\.[a-z0-9]+)*$/i;

/** Of a folder that lacks something, the rest may be whole: such as the weights of one that was made smaller or downloaded. */
export function tornFoldersToKeep(series: readonly CheckpointEntry[]): readonly CheckpointEntry[] {
  const newest = newestWhole(series);
  return newestFirst(series)
    .slice(0, newest === undefined ? series.length : newestFirst(series).indexOf(newest))
    .filter(({ summary }) => summary.kind === "folder" && summary.completeness.state === "torn");
}

/** A writer may pause for minutes, such as one whose disk is remote: only a later whole one shows that it came past this file. */
export function tornFilesToKeep(
  series: readonly CheckpointEntry[],
  run: readonly CheckpointEntry[],
): readonly CheckpointEntry[] {
  const [newest] = newestFirst((series.some(isWhole) ? series : run).filter(isWhole));
  return series.filter(
    ({ modifiedMs, summary }) =>
      summary.kind === "file" &&
      summary.completeness.state === "torn" &&
      (newest === undefined || modifiedMs > newest.modifiedMs),
  );
}

/** A model whose optimizer went, or a rank without the others, is of no use: what bears the numbers of one that stays does too. */
export function keepSavedTogether(ordered: readonly CheckpointEntry[], reasons: Map<CheckpointEntry, string>): void {
  for (const save of groupBy(ordered.filter(isWhole).flatMap(numberedSave), ({ key }) => key).values()) {
    const names = save.flatMap(({ entry, pattern }) =>
      reasons.has(entry) ? [[pattern, entry.summary.name] as const] : [],
    );
    const staying = [...new Map(names)].map(([pattern, name]) => ({ name, training: trainingOf(pattern) }));
    for (const { entry, pattern } of staying.length === 0 ? [] : save.filter((each) => !reasons.has(each.entry))) {
      const own = trainingOf(pattern);
      const other = staying.findLast(({ training }) => mayBeOneTraining(training, own));
      if (other !== undefined) {
        reasons.set(entry, `it belongs to ${other.name} by its number`);
      }
    }
  }
}

/** `key`: equal for what one run saved under the same numbers; none for a name without any. */
function numberedSave(entry: CheckpointEntry): { entry: CheckpointEntry; pattern: string; key: string }[] {
  const { pattern, numbers } = seriesNameOf(entry.summary);
  return numbers.length === 0 ? [] : [{ entry, pattern, key: JSON.stringify([entry.run, ...numbers]) }];
}

/** Why one stays whatever its numbers say: it is not finished, in use, or looked for by its name; undefined where nothing speaks for it. */
export function outsideReason(
  entry: CheckpointEntry,
  links: readonly CheckpointLink[],
  writers: readonly CheckpointWriter[],
): string | undefined {
  const { path, run = "", summary, linkTarget } = entry;
  const { state, reason } = summary.completeness;
  const link = links.find((each) => each.path !== path && holdsFile(entry, each.target));
  if (state === "writing" || state === "unknown") {
    return state === "writing" ? "it is being written" : `it cannot be judged: ${reason}`;
  }
  const live = writers.filter(({ untilMs }) => untilMs === undefined);
  if (live.some((writer) => isWrittenBy(entry, writer))) {
    return "its run goes on";
  }
  if (live.some(({ named = [] }) => named.some((each) => holdsFile(entry, each)))) {
    return "a run that goes on or waits was started with it";
  }
  if (linkTarget !== undefined || link !== undefined) {
    return link === undefined ? "it is a link" : describeLink(link);
  }
  if (mayBeData(entry)) {
    return "its format holds data as well as models";
  }
  if (state === "whole" && run.split(/[\\/]/).some((folder) => FIXED_NAME.test(folder))) {
    return "scripts look for its folder by this name";
  }
  return FIXED_NAME.test(summary.name) && state === "whole" ? "scripts look for it by this name" : undefined;
}

function describeLink({ path, isText, reason }: CheckpointLink): string {
  return reason ?? `${nameIn(path)} ${isText ? "names it" : "is a link to it"}`;
}
