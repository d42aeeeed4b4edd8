import type { Run } from "./runRecord.ts";
import { endedBadly } from "./runState.ts";

/**
 * The run that a text names by its id, by the beginning of it, by its title or script, or as `latest`. Of several of a
 * title the newest that `isMeant` is taken, else the newest: "how is mnist going?" asks of one that goes on.
 */
export function namedRun(
  runs: readonly Run[],
  text: string,
  isMeant: (run: Run) => boolean = () => true,
): Run | undefined {
  const { byId, byTitle, isLatest } = findNamed(runs, text);
  const titles = new Set(byTitle.map(({ record }) => record.plan.title));
  const ofTitle = titles.size === 1 ? (byTitle.find(isMeant) ?? byTitle[0]) : undefined;
  return byId ?? ofTitle ?? (isLatest ? runs[0] : undefined);
}

/** The same, and none where several runs of a title could be meant: to stop the wrong one costs hours. */
export function onlyNamedRun(runs: readonly Run[], text: string): Run | undefined {
  const { byId, byTitle, isLatest } = findNamed(runs, text);
  return byId ?? (byTitle.length === 1 ? byTitle[0] : undefined) ?? (isLatest ? runs[0] : undefined);
}

/** All that a text names: the one of an id, else every run of the titles in it. */
export function allNamedRuns(runs: readonly Run[], text: string): readonly Run[] {
  const { byId, byTitle } = findNamed(runs, text);
  return byId === undefined ? byTitle : [byId];
}

/** Those that did not start, or not yet, at the end: they have no values, and must not hide an older run of their name that has. */
export function startedFirst(runs: readonly Run[]): Run[] {
  return [...runs.filter(hasStarted), ...runs.filter((run) => !hasStarted(run))];
}

function hasStarted({ status }: Run): boolean {
  return status.startedAt !== undefined;
}

/** Whether there may be something to judge a run by; one that failed before it printed a value hides an older one of its name. */
export function mayHaveValues({ state, status }: Run): boolean {
  return !endedBadly({ state, status }) || status.progress !== undefined;
}

/** Runs that a text compares. More of them are compared in the panel. */
const MOST_COMPARED = 4;
const COUNTS: Readonly<Record<string, number>> = { two: 2, three: 3, four: 4 };

/** "Compare train and mnist", "compare the last three runs": the newest of each name, else the newest; `runs` newest first. */
export function runsToCompare(runs: readonly Run[], text: string): Run[] {
  const { byTitle } = findNamed(runs, text);
  const titles = new Set(byTitle.map(({ record }) => record.plan.title));
  const newestOfEach = [...titles].flatMap((title) => {
    const called = byTitle.filter(({ record }) => record.plan.title === title);
    return called.find(mayHaveValues) ?? called.slice(0, 1);
  });
  const byIds = runs.filter(({ record }) => text.includes(record.id));
  const named = byIds.length > 0 ? byIds : newestOfEach;
  const [, count = "2"] = /\b(?:last|latest|newest) (two|three|four|[2-9])\b/i.exec(text) ?? [];
  const others = runs.filter((run) => !named.includes(run));
  const wanted = Math.max(named.length, named.length > 0 ? 2 : (COUNTS[count.toLowerCase()] ?? Number(count)));
  return [...named, ...others].slice(0, Math.min(wanted, MOST_COMPARED));
}

/** Whether a text holds something that looks like the id of a run; then no other run may be meant. */
export function namesRun(text: string): boolean {
  return /\b\d{4,}/.test(text);
}

function findNamed(runs: readonly Run[], text: string): { byId: Run | undefined; byTitle: Run[]; isLatest: boolean } {
  const words = text.trim().split(/\s+/).map(bareWord);
  const begun = runs.filter(({ record }) => words.some((word) => word.length > 3 && record.id.startsWith(word)));
  return {
    byId: runs.find(({ record }) => words.includes(record.id)) ?? (begun.length === 1 ? begun[0] : undefined),
    byTitle: runs.filter(({ record }) =>
      words.some((word, at) => isTitle(word, record.plan.title) && !isPartOfSpeech(words, at)),
    ),
    isLatest: words.includes("latest"),
  };
}

/** What people call any run: "stop the run" is not said of the run of `run.py`. */
const GENERAL =
  /^(?:a|all|and|any|current|end|everything|experiment|flow|it|job|kill|last|latest|my|newest|now|of|please|runs?|running|status|stop|that|the|this|trainings?)$/;

/** Titles that are words of the trade: the "train loss" is that of any run, and `train` at the end is a name. */
const TRADE_WORDS = /^(?:train|test|eval|evaluate|main|model|data)$/;
const BEHIND_NAME =
  /^(?:run|job|doing|done|going|still|from|please|now|again|yet|fail\w*|crash\w*|stop\w*|die[sd]?|finish\w*|improv\w*|start\w*|look\w*|stuck|ok|okay|fine|alive|and|or)$/;

/** What is done with a run, so that a name follows: "rerun train with lr 0.1". A command has lost this word of its own. */
const BEFORE_NAME = /^(?:re-?(?:run|start|do|try)|repeat|resume)$/;
const BEHIND_REPEATED = /^(?:with|without|but|using|for|at|on|until|till)$/;

function isPartOfSpeech(words: readonly string[], at: number): boolean {
  const [before = "", word = "", next] = [words[at - 1], words[at], words[at + 1]].map((each) => each?.toLowerCase());
  const isRepeated = (at === 0 || BEFORE_NAME.test(before)) && BEHIND_REPEATED.test(next ?? "");
  return TRADE_WORDS.test(word) && next !== undefined && !BEHIND_NAME.test(next) && !isRepeated;
}

function isTitle(word: string, title: string): boolean {
  const name = word.toLowerCase();
  return (name === title.toLowerCase() && !GENERAL.test(name)) || name === `${title.toLowerCase()}.py`;
}

/** Without what a sentence puts around a name: “is `mnist` done?”, "mnist's loss". */
function bareWord(word: string): string {
  return word.replace(/^["'“”‘’`(]+|(?:['’]s)?["'“”‘’`),;:!?.]*$/g, "");
}
