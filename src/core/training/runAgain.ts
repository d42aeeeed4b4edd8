import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { renderShownCommand } from "./commandLine.ts";
import { saysResume } from "./diagnosis/argumentEdits.ts";
import { splitCommand } from "./editedPlan.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import type { Run } from "./runRecord.ts";

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

/** The earlier arguments with those that were said now, which take the place of the same ones. */
export function renewArguments(earlier: readonly string[], said: readonly string[]): string[] {
  const named = new Set(said.filter(isName).map(nameOf));
  // Of several values it is not known which the flag takes: then both stay, and the last counts.
  const kept = groupsOf(earlier).filter(([first = "", ...values]) => !(named.has(nameOf(first)) && values.length <= 1));
  return [...kept.flat(), ...said];
}

/** Each flag with what follows it. */
function groupsOf(words: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (group === undefined || isName(word)) {
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
