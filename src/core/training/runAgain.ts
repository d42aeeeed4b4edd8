import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { type PlacedEntry, readArgumentVector, type VectorEntry } from "./argumentVector.ts";
import { renderShownCommand } from "./commandLine.ts";
import { saysResume } from "./diagnosis/argumentEdits.ts";
import { splitCommand } from "./editedPlan.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import type { Run } from "./runRecord.ts";
import type { ScriptArguments } from "./scriptArguments.ts";

/** A run that is to be repeated, and the arguments that were given to it; `leftOut`: those that made it go on from a checkpoint. */
export type EarlierRun = { id: string; words: readonly string[]; leftOut: readonly string[] };

const AGAIN =
  /\b(?:again|re-?(?:run|start|try|do)|once more|(?:one more|another) time|repeat|same (?:arguments?|settings?|command|config\w*))\b/i;

/** "Run it again with lr 1e-4", "change lr and rerun": what is not said anew shall stay as it was. */
export function asksToRepeat(text: string): boolean {
  return AGAIN.test(text) && !/\bdefaults?\b/i.test(text);
}

const FROM_SCRATCH =
  /\b(?:without|no|not|never|instead of|rather than)[- ](?:a |any |to )?resum|\bfrom (?:scratch|zero|the (?:very )?(?:beginning|start))\b/i;

/** "Run it again without resume", "rerun from scratch". */
export function asksFromScratch(text: string): boolean {
  return FROM_SCRATCH.test(text);
}

/**
 * The newest run of a script that was started by Python alone and was given arguments; `runs` are newest first.
 * `isFromScratch`: it is to be repeated without what made it go on from a checkpoint.
 */
export function findEarlierRun(
  runs: readonly Run[],
  script: string,
  { isFromScratch = false }: { isFromScratch?: boolean } = {},
): EarlierRun | undefined {
  const newest = runs.find(({ record }) => record.plan.script === script);
  const split = newest && splitCommand(newest.record.plan);
  // What a launcher was told stands before the script and would be lost.
  if (newest === undefined || split === undefined || split.before.length > MOST_WORDS_BEFORE) {
    return undefined;
  }
  const words = withoutPlanned(split.words, newest.record.plan);
  const leftOut = isFromScratch ? groupsOf(words).filter(([first = ""]) => saysResume(nameOf(first))) : [];
  const kept = groupsOf(words).filter(([first = ""]) => !(isFromScratch && saysResume(nameOf(first))));
  return words.length === 0 ? undefined : { id: newest.record.id, words: kept.flat(), leftOut: leftOut.flat() };
}

/** `python train.py` or `python -m package.train`. */
const MOST_WORDS_BEFORE = 3;

/** A new plan chooses anew what the person did not: the device above all. */
function withoutPlanned(words: readonly string[], plan: LaunchPlan): string[] {
  const planned = plan.arguments.filter(({ source }) => source === "planned");
  return words.filter(
    (word, at) =>
      !planned.some(
        ({ flag, value }) =>
          word === `${flag}=${value}` ||
          (word === flag && (value === undefined || words[at + 1] === value)) ||
          (words[at - 1] === flag && word === value),
      ),
  );
}

/** The earlier arguments with those that were said now, which take the place of the same ones; `script`: what it declares. */
export function renewArguments(earlier: readonly string[], said: readonly string[], script: ScriptArguments): string[] {
  const before = readArgumentVector(earlier, script);
  const now = readArgumentVector(said, script);
  const kept = before.filter(
    (entry, at) => hasUnclearEnd(entry, before[at + 1], earlier) || !now.some((other) => isSameArgument(entry, other)),
  );
  return [...kept.flatMap(({ at, valueWords }) => earlier.slice(at, at + 1 + valueWords)), ...said];
}

/** Of an undeclared flag with several words behind it, it is not known which it takes: it stays, and the last one counts. */
function hasUnclearEnd({ declared, valueWords }: PlacedEntry, next: PlacedEntry | undefined, words: readonly string[]) {
  return declared === undefined && valueWords > 0 && next !== undefined && !isName(words[next.at] ?? "");
}

/** What is given in several parts, such as `--set a=1 --set b=2`, is the same only in the same part. */
function isSameArgument(before: VectorEntry, now: VectorEntry): boolean {
  const name = nameOfEntry(before);
  if (name === undefined || name !== nameOfEntry(now) || keyOf(before.value) !== keyOf(now.value)) {
    return false;
  }
  return before.declared !== undefined || (before.value === undefined) === (now.value === undefined);
}

/** Undefined for what only its place names. */
function nameOfEntry({ declared, flag }: VectorEntry): string | undefined {
  if (declared !== undefined) {
    return declared.kind === "positional" ? undefined : declared.name;
  }
  return isName(flag) ? nameOf(flag) : undefined;
}

function keyOf(value = ""): string | undefined {
  return /^([\w.+~@/-]+)=/.exec(value)?.[1];
}

/** Each flag with what follows it. */
function groupsOf(words: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    // `--resume exp=1/last.pt`: a flag that has no value yet takes the word, whatever stands in it.
    const isValue = group?.length === 1 && /^-[^=]+$/.test(group[0] ?? "") && !word.startsWith("-");
    if (group === undefined || (isName(word) && !isValue)) {
      groups.push([word]);
    } else {
      group.push(word);
    }
  }
  return groups;
}

/** `--lr`, `--lr=1` and `optim.lr=1`; `-1` is a value. */
function isName(word: string): boolean {
  return /^-(?![\d.])|^[^-].*=/.test(word);
}

function nameOf(word: string): string {
  return word.replace(/=.*/s, "");
}

/** Said above a plan that takes them over, as Markdown. */
export function describeTakenOver({ id, words, leftOut }: EarlierRun): string {
  const run = `run ${escapeMarkdown(id)}`;
  const without = leftOut.length === 0 ? "" : `${inlineCode(renderShownCommand(leftOut))} of ${run} is left out. `;
  return words.length === 0
    ? without.trim()
    : `${without}${inlineCode(renderShownCommand(words))} was given to ${run} and is taken over, except for what was said anew. Say “with the defaults” to leave it out.`;
}
