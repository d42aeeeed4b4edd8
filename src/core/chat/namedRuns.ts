/* Sentences that speak of a run by its name, which may hold a word of a command: `finetune`, `train`, `evaluate`. */

import { closestName } from "../base/closestName.ts";
import { STOPS_NAMED } from "./stopWords.ts";

/** What stands in the place of every name, which the rules know. */
const THE_RUN = "the run";

/** A word that may be the name of a run, with what people put around it; a file or a path is none. */
const NAME = /(?<![\w./\\-])(?:(?:the|my) )?["'`]?([\w][\w.-]*?)["'`]?(?: (?:run|training|job))?(?![\w/\\-]|\.\w)/g;

/** Whether all that is said is to stop what a run is called. */
export function stopsNamed(spoken: string, names: ReadonlySet<string>): boolean {
  const [, name = ""] = STOPS_NAMED.exec(spoken) ?? [];
  return names.has(name);
}

/** Said of anything, also where a run is called so: "check my data", "is the flow ok?". */
const ANYTHING = /^(?:my (?:data|model)|(?:(?:the|my) )?(?:flow|pipeline))$/;

/** "Stop mnist" as "stop the run", where a run is called so. */
export function withoutNames(spoken: string, names: ReadonlySet<string>): string {
  return spoken.replaceAll(NAME, (word, name: string) => (names.has(name) && !ANYTHING.test(word) ? THE_RUN : word));
}

const REFUSES_STOP = new RegExp(
  String.raw`^(?:please )?(?:and )?(?:don't|dont|do not|never) (?:stop|cancel|abort|kill|halt|interrupt|terminate|touch) ${THE_RUN}[.! ]*$`,
);

/** Whether a clause in lower case only says that a run shall go on. */
export function refusesStop(clause: string, names: ReadonlySet<string>): boolean {
  return REFUSES_STOP.test(withoutNames(clause.trim(), names));
}

const STATE =
  "can|could|may|might|is|are|was|were|isn't|wasn't|has|had|hasn't|looks?|looked|seems?|seemed|took|takes|died|dies|fails|failed|crashed|crashes|finished|ended|stopped|stalled|hangs|hung|should|shouldn't|must|mustn't|cannot|can't|won't|will|did|didn't|does|doesn't|goes|went|gets|got|needs|reached|converged|converges|diverged|diverges|broke|worked";
const VALUES =
  "logs?|outputs?|loss(?:es)?|acc(?:uracy)?|metrics?|f1|auc|perplexity|score|status|state|progress|curves?|checkpoints?|ckpts?|results?|errors?|traceback|receipt|seed|command|arguments|settings";

const ENDS = "stop|cancel|abort|kill|halt|interrupt|terminate";
const HANDLES =
  "end|quit|pause|suspend|let|leave|keep|tail|follow|watch|check|inspect|look|show|open|test|delete|remove|erase|purge|wipe|clear|clean ?up|trash|rm|archive|rename|prioriti[sz]e";

/** Whatever follows is done, if at all, after it: "stop mnist then resume it with lr 0.01". */
const STOPS_FIRST = new RegExp(String.raw`^(?:${ENDS}) ${THE_RUN}\b`);

const SPEAKS_OF_RUN = new RegExp(
  [
    // "Finetune is done", "the train run took 5 hours"; "resume failed runs" is a request.
    String.raw`^${THE_RUN} (?:(?:still|just|already|also|really|probably|now) )*(?:${STATE})\b(?! (?:runs?|ones?|trainings?|trials?|jobs?)\b)`,
    // "Log of finetune", "the last val loss of finetune".
    String.raw`^(?:[\w-]+ ){0,3}(?:${VALUES}) (?:of|from|for) ${THE_RUN}\b`,
    // "I cancelled finetune last night".
    String.raw`^(?:i|we|he|she|they|you|someone|somebody) (?:(?:have|had|just|already|accidentally) )*(?!need)(?:\w+ed|ran|began|lost|left|let|saw|found)\b.* ?${THE_RUN}\b`,
    // "Cancel finetune tomorrow", "stop mnist and finetune", "maybe we should stop finetune".
    String.raw`^(?:(?:maybe|perhaps|probably|possibly|actually|better|i|we|you|think|guess|should|could|might|may|shall|can|must) )*(?:${ENDS}) (?:\S+ )*?${THE_RUN}\b`,
    // "Pause finetune", "let finetune run", "delete finetune and its checkpoints", "tail -f finetune".
    String.raw`^(?:${HANDLES}) (?:(?:-\w+|for|at|on|of|all|old|both|the (?:folder|files?|logs?|checkpoints?) of) )*${THE_RUN}\b`,
  ].join("|"),
);

/** Begins with what is to be done, so that a question mark makes no question of it: "train mnist with lr 0.5?". */
const BEGINS_WITH_WISH =
  /^(?:re-?train|train|fine[- ]?tune|re-?start|start|begin|launch|kick off|re-?run|run|execute|use|try|set|change|make|give|add|with|resume|continue)\b/;

/** A later clause that asks for something: "train is done, now start it again with lr 0.1". */
const WISH_FOLLOWS = new RegExp(
  String.raw`(?:[,;:.]\s+|\s(?:and|then|so|but|now|please)\s)(?:(?:and|then|so|but|now|please|just|let's|i want to|can you)\s+)*(?:${THE_RUN} (?:with|on|for|it|again)|re-?train|train|fine[- ]?tune|re-?start|start|begin|launch|re-?run|run|execute|use|try|continue|resume|stop|cancel|abort|kill)\b`,
);

/** Whether a text, with "the run" in place of every name, tells or asks of a run, so that its name is no request. */
export function speaksOfRun(general: string, isAsked: boolean): boolean {
  if (STOPS_FIRST.test(general)) {
    return true;
  }
  if (!general.includes(THE_RUN) || WISH_FOLLOWS.test(general)) {
    return false;
  }
  const isWish = (general.startsWith(THE_RUN) && general !== THE_RUN) || BEGINS_WITH_WISH.test(general);
  return SPEAKS_OF_RUN.test(general) || isMistypedEnd(general) || (isAsked && !isWish);
}

/** "Sotp finetune" is no request to train, whatever else it is. */
function isMistypedEnd(general: string): boolean {
  const [verb = ""] = general.split(" ", 1);
  return general === `${verb} ${THE_RUN}` && closestName(verb, ENDS.split("|")) !== undefined;
}
