import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { renderShownCommand } from "./commandLine.ts";
import { splitCommand } from "./editedPlan.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import type { Run } from "./runRecord.ts";

/** A run that is to be repeated, and the arguments that were given to it. */
export type EarlierRun = { id: string; words: readonly string[] };

const AGAIN =
  /\b(?:again|re-?run|once more|(?:one more|another) time|repeat|same (?:arguments?|settings?|command|config\w*))\b/i;

/** "Run it again with lr 1e-4", "change lr and rerun": what is not said anew shall stay as it was. */
export function asksToRepeat(text: string): boolean {
  return AGAIN.test(text) && !/\bdefaults?\b/i.test(text);
}

/** The newest run of a script that was started by Python alone and was given arguments; `runs` are newest first. */
export function findEarlierRun(runs: readonly Run[], script: string): EarlierRun | undefined {
  const newest = runs.find(({ record }) => record.plan.script === script);
  const split = newest && splitCommand(newest.record.plan);
  // What a launcher was told stands before the script and would be lost.
  if (newest === undefined || split === undefined || split.before.length > MOST_WORDS_BEFORE) {
    return undefined;
  }
  const words = withoutPlanned(split.words, newest.record.plan);
  return words.length === 0 ? undefined : { id: newest.record.id, words };
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
  const groups: string[][] = [];
  for (const word of earlier) {
    const group = groups.at(-1);
    if (group === undefined || isName(word)) {
      groups.push([word]);
    } else {
      group.push(word);
    }
  }
  // Of several values it is not known which the flag takes: then both stay, and the last counts.
  const kept = groups.filter(([first = "", ...values]) => !(named.has(nameOf(first)) && values.length <= 1));
  return [...kept.flat(), ...said];
}

/** `--lr`, `--lr=1` and `optim.lr=1`; `-1` is a value. */
function isName(word: string): boolean {
  return /^-(?![\d.])|^[^-].*=/.test(word);
}

function nameOf(word: string): string {
  return word.replace(/=.*/s, "");
}

/** Said above a plan that takes them over, as Markdown. */
export function describeTakenOver({ id, words }: EarlierRun): string {
  const command = inlineCode(renderShownCommand(words));
  return `${command} was given to run ${escapeMarkdown(id)} and is taken over, except for what was said anew. Say “with the defaults” to leave it out.`;
}
