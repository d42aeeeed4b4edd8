import { allNamedRuns } from "./namedRun.ts";
import type { Run } from "./runRecord.ts";
import { isPlainStop } from "./stopWords.ts";

/** What a text says about stopping that is no plain request to stop one run at once. */
export type StopWish = {
  /** Of those that go on, what the text may mean: those that it names, else all. */
  meant: readonly Run[];
  /** To be stopped at a time or on a condition, for which there is nothing. */
  isLater: boolean;
  /** What else is asked for, in the words of the text. */
  others: readonly string[];
};

const CLAUSE_END = /[,;:]\s+|\.\s+|\s+(?=(?:and|but|then|plus)\s)/;
const JOINING = /^(?:(?:and|but|then|plus|also|so)\s+)+/i;
const REFUSED = /^(?:not|never|keep|leave|let|don['’]?t|do not)\b/i;
const OF_ALL = /\b(?:all|both|everything|except|others?)\b/i;
const QUESTION = /\?\s*$|^\s*(?:what|why|how|does|do|should|shall|may|can|is|are)\b/i;
const LATER =
  /\b(?:if|when|whenever|once|unless|until|till|as soon as|in case|after|before|tomorrow|tonight|later|at (?:\d\S*|noon|midnight|night|the end)|in (?:an?|\d+|half|some|a few) ?(?:s|sec|min|h|hour|day|epoch|step)\w*)\b/i;

/** Reads what a text wishes of the runs that go on; `live` newest first. */
export function readStopWish(text: string, live: readonly Run[]): StopWish {
  const isQuestion = QUESTION.test(text);
  const isLater = !isQuestion && LATER.test(text);
  const [first = "", ...further] = text.split(CLAUSE_END).map((clause) => clause.replace(JOINING, "").trim());
  const beside = further.filter((clause) => clause !== "" && !REFUSED.test(clause));
  const stopped = beside.filter((clause) => isStopOf(clause, live));
  const namedBy = [first, ...stopped].map((clause) => allNamedRuns(live, clause));
  // "Gan and the training" may mean any beside gan.
  const isOpen = OF_ALL.test(text) || namedBy.some((runs) => runs.length === 0);
  const named = isOpen ? [] : namedBy.flat();
  return {
    meant: named.length > 0 ? live.filter((run) => named.includes(run)) : live,
    isLater,
    others: isQuestion || isLater ? [] : beside.filter((clause) => !stopped.includes(clause)),
  };
}

/** "And finetune", "stop gan too": no word of it asks for anything else. */
function isStopOf(clause: string, live: readonly Run[]): boolean {
  const words = clause.split(/\s+/).filter((word) => allNamedRuns(live, word).length === 0);
  return isPlainStop(words.join(" "));
}
