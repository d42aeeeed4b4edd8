/*
 * What people write when they mean a command. Rules are tried from top to bottom on the text in lower case, without
 * politeness; the first that matches decides. So the particular stands above the general: "why did the training
 * stop" above "stop", and both above "training".
 */

import { ASKED_OF_FLOWS, FLOWS } from "./flowIntents.ts";
import { type IntentRule, reading } from "./intentRule.ts";
import { AGAIN, PROGRESS } from "./runIntents.ts";
import {
  EDITS_CODE,
  NAMES_FLOW,
  NAMES_TRAIN_PART,
  REPORTS_FAILURE,
  RUNS_OTHERWISE,
  RUNS_PROGRAM,
  RUNS_SCRIPT,
  RUNS_WITH,
} from "./scriptWords.ts";
import {
  MAY_BE_STOPPED,
  STOPS_ELSEWHERE,
  STOPS_NO_RUN,
  STOPS_RUN,
  STOPS_RUN_IF,
  STOPS_RUN_LATER,
  UNDOES_DEPLOYMENT,
} from "./stopWords.ts";

/** What went wrong, said before what is to be done afterwards: "train loss is nan in exp.py", "epoch 5 failed". */
const TELLS_OF_FAILURE =
  /^train (?:and (?:val\w*|test) )?(?:loss|accuracy|acc|error)(?![-./\w])|^(?:(?!\b(?:and|then|if|when)\b).)*(?:(?<![-./\w])(?:nan|inf|crash(?:ed|es)|fail(?:ed|s)|traceback|oom|too (?:high|low))(?![-./\w])|\?$)/;

/** Why a training ended, how it goes on, is built step by step or is run elsewhere: what begins like a request to train and is none. */
const TRAINS_OTHERWISE =
  /\bmore epochs?\b|\bevery (?:day|night|week|month)\b|\b(?:why|from scratch|guided|step by step|faster|speed up|sweeps?|search|tuning)\b|\b(?:flows?|pipeline|workflow|deploy|argo|step functions|kubernetes|aws batch)\b/;

const NO_PLAN = new RegExp(`${TELLS_OF_FAILURE.source}|${TRAINS_OTHERWISE.source}`);

/** Begins anew what ran before; a new model from scratch is developed. */
const STARTS_OVER =
  /^(?:(?:re-?start|re-?train|re-?run|re-?do|run|start (?:over|again|afresh))\b(?: (?:it|this|that|again|over|with|(?:(?:the|my) )?(?:(?:last|latest) )?(?:run|training|model|flow)|\S+\.py)\b)*) from (?:scratch|zero|the (?:very )?(?:beginning|start))\b/;

/** Says not to resume: "start without resume", "--no-resume", "resume=False". */
const WITHOUT_RESUME =
  /\b(?:without|no|not|never|instead of|rather than)[- ](?:a |any |to )?resum|\bresume(?: ?[=:] ?| )(?:false|no|off|none|0)\b/;

/** Asks for several trainings that differ in one thing: "try 3 seeds", "train mnist with five different seeds". */
const TRIES_SEVERAL =
  /^(?:try|vary|test|use|re-?run|run|start|launch|re-?train|train|fine[- ]?tune)\b.*\b(?:[2-9]|[1-9]\d|two|three|four|five|several|different|multiple|many|various|a few) (?:(?:different|random|other) )*(?:seeds|lrs|learning rates|batch ?sizes)\b(?!.* for \w+(?: \w+)? and \w+)/;
/** A flow may spread over them itself. */
const RUNS_SEVERAL = new RegExp(String.raw`(?=(?:re-?run|run|start|launch)\b)${TRIES_SEVERAL.source}`);

/**
 * What is to be done afterwards is no request of its own before there is a run, and no word of what is to be trained is
 * one: the plan says what it leaves out.
 */
const TRAINING_FIRST: IntentRule[] = [
  { command: "run", pattern: RUNS_SEVERAL, asked: "metaflow-agent" },
  { command: "sweep", pattern: TRIES_SEVERAL, unless: /\b(?:flows?|pipeline|workflow)\b/ },
  {
    command: "run",
    pattern: STARTS_OVER,
    unless: /^re-?train|\btrain\.py\b|\b(?:guided|step by step)\b/,
    asked: "metaflow-agent",
  },
  { command: "train", pattern: STARTS_OVER, unless: /\b(?:guided|step by step|flows?|pipeline|workflow)\b/ },
  {
    command: "train",
    pattern:
      /^(?:re-?train|fine[- ]?tune|train)\s(?:.*\.py\b|.*\b(?:and|then) (?:then )?(?:evaluate|show|plot|deploy|watch|monitor|tell|compare|check|report|notify)\b)/,
    unless: TELLS_OF_FAILURE,
  },
  {
    command: "train",
    pattern:
      /^(?:(?:re-?train|fine[- ]?tune|train)\s(?:with|without|on|in|at|to|for|from|until|till|using|and|again|it|this|that|the|an?|my|our|agents? on)\b|(?:start|begin|launch|kick off) (?:(?:the|a|my|another|new) )*(?:re-?)?training\b)/,
    unless: NO_PLAN,
  },
  ...scriptRules(),
  { command: "run", pattern: RUNS_WITH, unless: NO_PLAN, isLoose: true },
  { command: "train", pattern: RUNS_WITH, unless: NO_PLAN },
];

/** A script is a flow where it or the request says so, and otherwise a training to whoever trains. */
function scriptRules(): IntentRule[] {
  const unless = new RegExp(`${TELLS_OF_FAILURE.source}|${RUNS_OTHERWISE.source}`);
  return [
    { command: "run", pattern: new RegExp(`(?=.*(?:${NAMES_FLOW.source}))${RUNS_SCRIPT.source}`), unless },
    {
      command: "run",
      pattern: RUNS_SCRIPT,
      unless: new RegExp(`${unless.source}|${/\btrain\.py\b/.source}`),
      asked: "metaflow-agent",
    },
    { command: "train", pattern: RUNS_SCRIPT, unless },
  ];
}

/** The message of an exception as it was pasted, a kill, or a loss that does not do what it should. */
const SHOWS_FAILURE = new RegExp(
  [
    String.raw`^(?:[\w.]*(?:error|exception): |cuda error\b|killed$|segmentation fault\b)`,
    String.raw`\b(?:got|was|been|were) killed\b|\bexit(?:ed with)? code [1-9]`,
    String.raw`^(?:(?:the|my|its) )?(?:val\w* |train )?(?:loss|accuracy|acc|model)\b.* (?:not|doesn't|doesnt|isn't|isnt|never|stopped|stops) (?:going |go )?(?:down|up|decreas\w*|improv\w*|learn\w*|converg\w*|train(?:ing)?|mov\w*)\b`,
    String.raw`^(?:(?:the|my) )?loss not (?:decreasing|improving|going down)\b|^(?:(?:the|my) )?(?:val\w* )?loss (?:explodes|explode|exploded|goes up|went up|increases)\b`,
    String.raw`^(?:(?:the|my) )?(?:it|run|training)(?: just)? (?:stopped|stops|ended|hangs|hung|froze)(?: (?:at|in|after|by|during|with)\b.*)?$`,
    String.raw`^(?:show|give|tell)(?: me)? (?:(?:the|last|latest) )*(?:error|traceback|exception)s?\b`,
    String.raw`^(?:the )?\w+ step (?:fails|failed|crashes|crashed|hangs|dies|died)\b`,
  ].join("|"),
);

const LOOKING: IntentRule[] = [
  { command: "diagnose", pattern: REPORTS_FAILURE },
  {
    command: "diagnose",
    pattern:
      /\bwhy\b.*\b(?:fail|crash|die|dies|died|stop|stopped|killed|ended|aborted|stuck|nan|diverg|explod|flat|bad|not (?:learn|improv|converg|train))/,
  },
  { command: "diagnose", pattern: /\b(?:diagnose|diagnosis|debug|troubleshoot)\b|\bwhat(?:'s| is| went) wrong\b/ },
  { command: "diagnose", pattern: SHOWS_FAILURE },
  {
    command: "diagnose",
    pattern:
      /\b(?:is|went|became|turned|looks|seems) (?:nan|inf|stuck|flat)\b|\b(?:crashed|diverge[sd]|traceback)\b|\bloss(?:es)? diverge\b/,
  },
  {
    command: "diagnose",
    pattern:
      /^(?:fix|repair|solve) (?:it|this|that|the (?:(?:failed|last|broken|crashed) )?(?:run|error|training|problem|bug|crash|failure))\b|^(?:an? |the |there (?:is|was) an? )?(?:error|exception)s?$|\b(?:does|is|did)(?:n't| not) work(?:ing)?\b/,
  },
  { command: "diagnose", pattern: /\b(?:out of memory|oom|it failed|stack ?trace|exploding)\b/ },
  {
    command: "diagnose",
    pattern:
      /^(?:did|has|have|is)\b.*\b(?:it|run|runs|training|anything|something)\b.*\b(?:crash|fail|failed|die|died|dead|break|broken|stuck|hang|hanging|hung)$|^what happened\b/,
  },
];

/** Whatever words a note holds: "remember that lr 0.1 diverges". */
const NOTES: IntentRule[] = [
  { command: "remember", pattern: /^(?:remember\b(?! (?:when|how|why|who|where|whether)\b)|note\b|keep in mind\b)/ },
  // "Forget it" takes back what was just said; it names no note.
  { command: "forget", pattern: /^forget\b(?! (?:about )?(?:it|that|this)$)/ },
];

const CONTROL: IntentRule[] = [
  { command: "stop", pattern: MAY_BE_STOPPED },
  { command: "stop", pattern: STOPS_RUN, unless: STOPS_ELSEWHERE },
  { command: "stop", pattern: STOPS_RUN_LATER, unless: STOPS_ELSEWHERE },
  {
    command: "resume",
    pattern:
      /\bresume\b|^(?:continue|carry on|go on)$|^(?:weiter|fortsetzen|reprend(?:re|s)|continuer|continuar|reanudar?)\b/,
    unless: new RegExp(`${WITHOUT_RESUME.source}|${/\bdeploy|\bmy resume\b|\bnotebook\b/.source}`),
  },
  {
    command: "resume",
    pattern:
      /^(?:continue|carry on|go on|keep (?:going|on|training))(?: (?:with (?:(?:a|the) )?(?:lr|learning rate|batch|seed|\d|--)|for|training|at|from|until|till)\b|$)/,
    unless: /\.py\b/,
  },
  {
    command: "resume",
    pattern: /^(?:train|run|continue|go on)\b.*\b(?:\d+|some|few) more epochs?\b/,
    // Which of the runs is to go on is not said by a script.
    unless: /\.py\b/,
  },
  {
    command: "resume",
    pattern:
      /\b(?:continue|carry on|go on|pick up|restart)\b.*\b(?:train|training|run|from|checkpoint|epoch|flow|where)\b/,
  },
];

/** Searches a value and asks for none that was found: "find the best lr for mnist". */
const SEARCHES =
  /^(?:find|search|look) (?:for |out )?(?:(?:me|the|a|an|which|some) )*(?:best|better|good|optimal|right) (?:lr|learning rate|batch ?size|hyper-?parameters?|optimi[sz]er|dropout|weight decay|settings?|values?)\b/;

const INSPECTION: IntentRule[] = [
  {
    command: "memory",
    pattern:
      /\b(?:your (?:memory|notes)|project memory)\b|\bwhat (?:do|did) you remember\b|\bwhat did i tell you\b|^(?:(?:show|list|see)(?: me)? (?:(?:the|your|my) )?)?(?:memory|notes)$/,
  },
  {
    command: "agents",
    pattern:
      /\b(?:agents?|handoffs?|colleagues?)\b|\bwho (?:can|else|could|does|should)\b|\bwhat can @?(?:ml-trainer|metaflow-agent|mlops-engineer)\b/,
  },
  {
    command: "gpus",
    pattern:
      /\b(?:gpus?|vram|graphics cards?|nvidia-smi|cuda devices?)\b|\bcuda (?:available|working|installed|there)$|^(?:do (?:i|we) have|is there) cuda\b/,
    // "Run it on gpu 1" starts something, "run nvidia-smi" looks.
    unless:
      /\btrain\b|^(?:start|begin|run|rerun|re-run|execute|launch|kick off)\b(?:.*\.py\b|(?!.*\b(?:nvidia-smi|gpus? (?:check|status|info|overview|query)))\b)/,
  },
  {
    command: "checkpoints",
    pattern: /\b(?:checkpoints?|ckpts?|snapshots?|saved (?:weights|models?)|best (?:model|weights|epoch))\b/,
    unless: /\b(?:evaluate|validate|deploy|test|train)\b/,
  },
  {
    command: "monitor",
    pattern: /\b(?:tensorboard|curves?|monitor|plots?|chart)\b/,
    unless: /\b(?:set ?up|production|deploy)\b/,
  },
];

const WORK: IntentRule[] = [
  {
    command: "evaluate",
    pattern:
      /^(?:is|are|am|does|do|did|has|check)\b.*\b(?:over|under)-?fit|^(?:it|(?:the|my|this) (?:run|model|training)) (?:\w+ ){0,3}(?:over|under)-?fit\w*$/,
    isReading: true,
  },
  {
    command: "deploy",
    pattern:
      /^trigger\b.*\b(?:flow|pipeline|run|training)\b|\b(?:deploy|deployment|schedule|every (?:day|night|week|month)|daily|nightly|weekly|argo|step functions|kubernetes|aws batch|ship it|roll ?out|go live)\b/,
    unless: new RegExp(
      `${UNDOES_DEPLOYMENT.source}|${/\b(?:lr|rate|cosine|linear|polynomial|exponential|step|warm-?up|one-?cycle) schedule/.source}`,
    ),
    owner: "mlops-engineer",
    isReading: true,
  },
  {
    command: "results",
    pattern: /^(?:what|which|how)\b.*\b(?:scores?|give|gave|come out|came out|produced?|returned?)\b/,
    asked: "metaflow-agent",
    isReading: true,
  },
  {
    command: "evaluate",
    pattern: /\b(?:evaluate|evaluation|benchmark|score)\b|\bvalidate (?:the|my|this) (?:model|checkpoint)\b/,
    isReading: true,
  },
  {
    command: "optimize",
    pattern: /\b(?:optimi[sz]e|speed (?:(?:it|this|that|things) )?up|faster|profile|bottleneck|slow|slower)\b/,
    isReading: true,
  },
  {
    command: "data",
    pattern:
      /\bhow many (?:samples|examples|images|rows|classes|records)\b|(?<!\bmemory )\bleak(?:age|s)?\b|\btrain ?\/ ?(?:test|val\w*) split\b/,
    isReading: true,
  },
  {
    command: "data",
    pattern: /\b(?:data ?set|data ?loader|data|preprocess(?:ing)?|augment(?:ation)?)\b/,
    unless:
      /\btrain\b|\bfine[- ]?tune\b|\bset ?up (?:a |the |my )?training (?:with|on)\b|^(?:run|execute|start|launch)\b.*\.py\b/,
    isReading: true,
  },
  { command: "mcp", pattern: /\bmcp\b/, isReading: true },
  { command: "receipt", pattern: /\b(?:receipt|reproduce|reproducible|provenance|which commit)\b/, isReading: true },
  {
    command: "facts",
    pattern:
      /\b(?:facts|what do you know|(?:this|the|my) (?:project|workspace|repo|repository|code ?base)|dependencies|stack|which (?:framework|version|library|python|interpreter|packages?))\b|^(?:which|what) (?:\w+ version\b|version of|framework)|^is \w+ installed$/,
    unless: /\b(?:train|run)\b/,
    isReading: true,
  },
];

const TRAINING: IntentRule[] = [
  // A list of values: "try learning rates 0.1, 0.01 and 0.001".
  { command: "sweep", pattern: /^(?:try|vary)\b.*\d\S*?(?:,| or| and) ?(?:and |or )?\.?\d/ },
  // The arguments of the script stand below its plan.
  {
    command: "train",
    pattern: /\b(?:hyper-?parameters|arguments|flags|options)\b.*\b(?:has|have|takes?|does|do|of|are there)\b/,
    answersQuestions: true,
  },
  {
    command: "sweep",
    pattern:
      /\b(?:sweeps?|(?:grid|hyper-?parameter|parameter) (?:search|sweep|tuning)|tune (?:the |my )?hyper-?parameters)\b/,
  },
  {
    command: "train",
    pattern: /\b(?:train|retrain|re-train|fine[- ]?tune)\b|\bset ?up (?:a |the |my )?training (?:with|on)\b/,
    unless: new RegExp(`${NAMES_TRAIN_PART.source}|${EDITS_CODE.source}|${/^compare\b/.source}`),
  },
  { command: "train", pattern: /^(?:use|try|switch to) (?:the )?(?:sgd|adam\w*|rmsprop|lion|lamb|adagrad)\b/ },
  {
    command: "train",
    pattern: /^dry[- ]?run$|^what would (?:you )?run$|^show (?:me )?the command\b/,
    answersQuestions: true,
  },
  {
    command: "train",
    pattern:
      /^(?:use|try|set|with|change|increase|decrease|lower|raise|halve|double)\b.*\b(?:lr|learning rate|batch ?size|epochs?|seed|optimi[sz]er|dropout|weight decay|momentum)\b/,
    unless: new RegExp(`${EDITS_CODE.source}|${/\bwhere$/.source}`),
  },
  {
    command: "train",
    pattern: /^(?:lr|learning rate|batch ?size|epochs?)[ :=]+(?:of |to |is )?\.?\d/,
    unless: TELLS_OF_FAILURE,
  },
  { command: "run", pattern: /^(?:run|rerun|execute|start|launch|kick off)\b/, unless: RUNS_PROGRAM, isLoose: true },
  {
    command: "train",
    pattern: /^(?:run|rerun|execute|start|launch|kick off|begin)\b|^go$/,
    unless: RUNS_PROGRAM,
    isLoose: true,
  },
];

export const INTENT_RULES: readonly IntentRule[] = [
  ...NOTES,
  ...ASKED_OF_FLOWS,
  ...AGAIN,
  ...TRAINING_FIRST,
  { command: "stop", pattern: STOPS_RUN_IF, unless: STOPS_NO_RUN },
  ...reading(LOOKING),
  ...CONTROL,
  ...reading(INSPECTION),
  ...FLOWS,
  { command: "sweep", pattern: SEARCHES },
  ...PROGRESS,
  ...WORK,
  ...TRAINING,
];
