/* What people ask of runs: how they go, how they went, and to have them again. */

import { type IntentRule, reading } from "./intentRule.ts";

const THE_RUN = String.raw`(?:the|my|this|that|last|latest|current) (?:(?:last|latest|current) )*(?:run|training|sweep|job)`;

const FAILED = "(?:failed|crashed|broken|killed|lost)";

/** What failed is to be started again. Which run that is and whether it is started is chosen from a list. */
const STARTS_FAILED = new RegExp(
  [
    String.raw`^(?:re-?run|re-?start|re-?try|re-?do|repeat|(?:run|start|launch)(?=.*\bagain\b)) (?:(?:all|the|my|every|each|last|latest|both|of|only|just|\d+) )*`,
    String.raw`(?:${FAILED}(?: (?:runs?|ones?|trainings?|jobs?|experiments?|trials?|steps?|flows?))?|(?:what(?:ever)?|everything(?: that)?|those that|(?:ones|runs|run|one) that) (?:has |have |had )?${FAILED})`,
    String.raw`(?: again)?(?:$|[,;] | with\b)`,
  ].join(""),
);

/** What was run is to be run again in another way: "same again with seed 2". */
const RUNS_AGAIN =
  /^(?:(?:the )?same (?:(?:run|thing|settings|command) )?(?:again|but)\b|again,? (?:with|but|without)\b|(?:repeat|redo) (?:it|that|this|(?:the|my) (?:last|latest|previous) (?:run|training))(?: again)?,? (?:with|but|without)\b)/;

/** Asks with what a run was started, which its receipt says. */
const ASKS_FOR_RECEIPT =
  /^(?:(?:with|on|from) )?(?:what|which) (?:args?|arguments|command|seed|settings|hyper-?parameters|config(?:uration)?|commit|lr|learning rate|batch size|data(?: ?set)?) (?:did|was|were|is (?:the|my|this) model)\b/;

const ASKS_HOW_STARTED = new RegExp(
  String.raw`^(?:what(?:'s| is| was| were|s)|show|show me|give me) (?:(?:the|my|its|full|exact|used) )*(?:command|args?|arguments|settings|hyper-?parameters|config(?:uration)?|commit|seed) (?:line )?(?:of|for|from|in|behind) (?:it|${THE_RUN})$`,
);

export const AGAIN: IntentRule[] = [
  { command: "resume", pattern: STARTS_FAILED, asked: "metaflow-agent" },
  { command: "runs", pattern: STARTS_FAILED, isReading: true, owner: "ml-trainer" },
  { command: "run", pattern: RUNS_AGAIN, asked: "metaflow-agent" },
  { command: "train", pattern: RUNS_AGAIN },
  { command: "resume", pattern: /^(?:resume|continue|go on|pick up) (?:from )?where\b/ },
  {
    command: "receipt",
    pattern: /\breceipts?\b|^what (?:has )?(?:changed|differs|is different) (?:between|since)\b.*\bruns?\b/,
    asked: "mlops-engineer",
    isReading: true,
  },
  { command: "receipt", pattern: ASKS_FOR_RECEIPT, unless: /\bbest\b/, isReading: true },
  { command: "receipt", pattern: ASKS_HOW_STARTED, isReading: true },
];

/** "Was the run stopped?", "when did it start?", "check on the run", "sweep is done". */
const ASKS_OF_STATE = new RegExp(
  [
    String.raw`^(?:was|is|has|were|are) (?:it|${THE_RUN}) (?:(?:been|already|still|now|just) )*(?:stopped|cancell?ed|aborted|killed|interrupted|terminated|paused|queued|waiting|started|ok|okay|fine|alright|all right|good|healthy|working)$`,
    String.raw`^(?:when|what time|at what time|since when) (?:did|was|has|is|were) (?:it|${THE_RUN}) (?:(?:been|last) )*(?:start|started|begin|begun|launched|run|running|finish|finished|end|ended|stop|stopped|fail|failed|crash|crashed|die)$`,
    String.raw`^how long (?:did|has|does|was|is) (?:it|${THE_RUN}) (?:been |already )*(?:take|taken|run|running|last|lasted|going)$`,
    String.raw`^(?:tail|follow|watch|check|check on|inspect|look at|report on|show|show me)(?: -\w+)* ${THE_RUN}$`,
    String.raw`^(?:(?:the|my) )?sweep (?:is|has|was|seems)(?: (?:just|still|already|not))* (?:done|over|finished|running|ended|complete|stuck|ok|fine)$`,
  ].join("|"),
);

/** "Has it improved?", "does the run converge?" */
const ASKS_OF_TREND = new RegExp(
  String.raw`^(?:has|is|did|does|do|are|was) (?:it|they|${THE_RUN}|(?:the|my|this) (?:model|(?:\w+ )?loss|accuracy)) (?:(?:still|really|already|even) )*(?:improv\w*|converg\w*|learn\w*|get(?:ting)? (?:any )?better|(?:going|go) (?:down|up)|(?:de|in)creas\w*)(?: (?:at all|yet|any ?more))*$`,
);

/** Begins with what is to be done, so that it asks for no list: "start a better run", "train.py with best f1". */
const ASKS_TO_ACT =
  /^(?:(?:re-?train|fine[- ]?tune|train|start|begin|launch|kick off|run|re-?run|execute|use|try|write|make)\b|\S+\.py\b)/;

/** A flow has runs of its own, with the agent of flows. */
const OF_FLOWS =
  /\b(?:flows?|steps?|tasks?)\b.*\b(?:status|runs?|running|done|finished|going|logs?|doing)\b|\b(?:status|runs?|logs?|progress) of (?:(?:the|my|this) )?(?:flows?|steps?|tasks?)\b/;

const QUESTIONS: IntentRule[] = [
  { command: "runs", pattern: ASKS_OF_STATE },
  { command: "monitor", pattern: ASKS_OF_TREND, asked: "ml-trainer" },
  {
    command: "runs",
    pattern: /^(?:(?:the|my|last|latest) )*(?:run|training) (?:logs?|history|list|overview|summary)$/,
  },
  {
    command: "runs",
    pattern:
      /^(?:show|list|see|open|print)(?: me)? (?:(?:the|my|all|last|latest|best|newest|previous|old|running|current|\d+) )*(?:runs?|trainings?|experiments?)\b(?! script)/,
  },
  {
    command: "runs",
    pattern:
      /^(?:(?:which|what|who)(?: (?:ones?|runs?|trainings?))?|(?:list|show)(?: me)? (?:the |what |all )*) ?(?:has |have )?failed\b/,
  },
  {
    command: "runs",
    pattern:
      /^how many (?:more )?epochs? (?:are |is )?(?:left|remain|to go)|^when (?:will|does|is|do) (?:it|they|this|(?:the|my) (?:run|training|job))\b.*\b(?:finish|finished|done|end|ends|stop|over|complete|ready)$|^is (?:it|(?:the|my) (?:run|training)) still (?:training|going|alive|up)$|^(?:the|my) (?:run|training) (?:is|has|isn't|hasn't)(?: (?:just|still|already|not))* (?:done|over|finished|running|alive|ended|complete)$|^what is the run doing$|^show (?:me )?(?:everything|what) (?:that )?ran\b/,
  },
  {
    command: "runs",
    pattern:
      /^(?:(?:what(?:'s| is| was)|show|show me|give me) )?(?:(?:the|my) )?(?:(?:val\w*|train|test|final|last|best) )?(?:loss|acc\w*|metrics?|perplexity|f1|auc|score|logs?|outputs?|status) (?:of|for|from) (?:(?:the|my) )?(?:(?:last|latest|newest|previous) )?(?:run|training)$|^which (?:lr|learning rate|batch ?size|seed|optimi[sz]er|values?|settings?) (?:was|is|were|gave)(?: the)? best\b/,
  },
  { command: "receipt", pattern: /^how (?:do|can|could) (?:i|we) (?:reproduce|repeat)\b/ },
  { command: "compare", pattern: /\bcompare\b.*\bruns?\b/, asked: "metaflow-agent" },
  {
    command: "monitor",
    pattern: /^compare\b/,
    unless:
      /\b(?:receipts?|checkpoints?|ckpts?|data ?sets?|lr|learning rates?|optimi[sz]ers?|batch ?sizes?|models?)\b|\.(?:pt|pth|ckpt|safetensors)\b/,
    asked: "ml-trainer",
  },
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

/** Of those who have such a command the trainer is meant, unless a flow is named. */
export const PROGRESS: readonly IntentRule[] = reading([
  { command: "runs", pattern: OF_FLOWS, asked: "mlops-engineer", owner: "metaflow-agent" },
  ...QUESTIONS.map((rule) => (rule.command === "runs" ? { ...rule, owner: "ml-trainer" } : rule)),
]);
