/* What people ask of runs: how they go, how they went, and to have them again. */

import type { IntentRule } from "./intentRule.ts";

const FAILED = "(?:failed|crashed|broken|killed|lost)";

/** What failed is to be started again. Which run that is and whether it is started is chosen from a list. */
const STARTS_FAILED = new RegExp(
  [
    String.raw`^(?:re-?run|re-?start|re-?try|re-?do|repeat|(?:run|start|launch)(?=.*\bagain\b)) (?:(?:all|the|my|every|each|last|latest|both|of|only|just|\d+) )*`,
    String.raw`(?:${FAILED}(?: (?:runs?|ones?|trainings?|jobs?|experiments?|trials?|steps?|flows?))?|(?:what(?:ever)?|everything(?: that)?|those that|(?:ones|runs|run|one) that) (?:has |have |had )?${FAILED})`,
    String.raw`(?: again)?(?:$|[,;] | with\b)`,
  ].join(""),
);

export const AGAIN: IntentRule[] = [
  { command: "resume", pattern: STARTS_FAILED, asked: "metaflow-agent" },
  { command: "runs", pattern: STARTS_FAILED, isReading: true, owner: "ml-trainer" },
];

/** Begins with what is to be done, so that it asks for no list: "start a better run", "train.py with best f1". */
const ASKS_TO_ACT =
  /^(?:(?:re-?train|fine-?tune|train|start|begin|launch|kick off|run|re-?run|execute|use|try|write|make)\b|\S+\.py\b)/;

export const PROGRESS: IntentRule[] = [
  {
    command: "runs",
    pattern: /^(?:(?:the|my|last|latest) )*(?:run|training) (?:logs?|history|list|overview|summary)$/,
  },
  { command: "receipt", pattern: /^how (?:do|can|could) (?:i|we) (?:reproduce|repeat)\b/ },
  { command: "compare", pattern: /\bcompare\b.*\bruns?\b/, asked: "metaflow-agent" },
  { command: "monitor", pattern: /\bcompare\b.*\b(?:runs?|trainings?|losses|metrics)\b/ },
  {
    command: "runs",
    pattern: /\bhow(?:'s| is| are| does)?\b.*\b(?:going|doing|far|it look|progress|run|runs|training)\b|\bhow far\b/,
  },
  {
    command: "runs",
    pattern:
      /\bwhat\b.*\b(?:run|training|model)\b.*\b(?:reach|reached|get|got|achieve|achieved)$|\bhow (?:good|well)\b.*\b(?:run|training|model)\b/,
  },
  { command: "runs", pattern: /\bhow (?:long|much longer)\b.*\b(?:left|take|until|more|remain)/ },
  {
    command: "runs",
    pattern: /\b(?:status|progress|eta|runs|current loss|latest metrics|anything running|state of the)\b/,
  },
  {
    command: "runs",
    pattern:
      /\b(?:best|better|highest|lowest)\b.*\b(?:runs?|trainings?|experiments?)\b|\b(?:runs?|trainings?|experiments?)\b.*\b(?:best|better|won)\b/,
    unless: ASKS_TO_ACT,
  },
  {
    command: "runs",
    pattern:
      /\b(?:best|highest|lowest)\b.*\b(?:val\w*|loss|acc\w*|score|perplexity|metrics?|f1|auc)\b(?:.*\b(?:so far|until now|yet))?$/,
    unless: ASKS_TO_ACT,
  },
  {
    command: "runs",
    pattern:
      /^(?:where|show|open|see|tail)\b.*\b(?:logs?|log ?files?|outputs?|console)\b|^(?:print|give|get) (?:(?:me|the|my|its|all|full|last|latest|lines|of|run|training|\d+) )*(?:logs?|log ?files?|outputs?|console)(?: (?:of|from)\b.*)?$|^(?:the )?(?:logs?|output|console)$|^what (?:did|does|has) (?:it|the (?:run|training|script)) (?:print|printed|say|log)/,
    unless: /\b(?:tensorboard|curves?|dir|directory|folder to|to the|set|shapes?|sizes?|layers?|channels?)\b/,
  },
  { command: "runs", pattern: /\bwhat(?:'s| is) running\b|^(?:done|finished|ready)(?: yet)?$/ },
  {
    command: "runs",
    pattern:
      /\b(?:is|has|are|did)\b.*\b(?:it|training|run|they)\b.*\b(?:done|finish|finished|ready|over|running|complete|completed|end|ended)\b/,
  },
  {
    command: "runs",
    pattern:
      /^what(?:'s| is| are| was| were)\b.*\b(?:my|the|its|current|latest|last|final)\b.*\b(?:loss|accuracy|perplexity|metrics?|f1|auc)$/,
  },
  {
    command: "monitor",
    pattern: /^(?:show|give|print|draw|see)\b.*\b(?:loss(?:es)?|accuracy|perplexity|metrics?|f1|auc)$/,
  },
  { command: "results", pattern: /\b(?:results?|artifacts?|outcome|final accuracy|cards?)\b/, unless: /\bbased on\b/ },
];
