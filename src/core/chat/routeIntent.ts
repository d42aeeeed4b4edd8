import type { IntentRule } from "./intentRule.ts";
import { INTENT_RULES } from "./intents.ts";
import { refusesStop, speaksOfRun, stopsNamed, withoutNames } from "./namedRuns.ts";
import { findWish, type Wish } from "./wishes.ts";

/** A command as far as routing needs to know it. */
export type CommandName = { name: string; participant: string };

/** What a free text means without any model. */
export type Intent =
  | { kind: "command"; command: string; prompt: string; isReading: boolean }
  /** Another agent has the command; it is offered, not run. */
  | { kind: "other-agent"; participant: string; command: string; prompt: string }
  /** Another agent shall take over, whichever. */
  | { kind: "hand-over" }
  /** A flow shall get another step, which a command outside of the chat asks the details of. */
  | { kind: "add-step" }
  /** The graph of a flow shall be seen, which is a panel and no answer. */
  | { kind: "show-graph" }
  /** Something that no command does; `wish` says so and what comes nearest. */
  | { kind: "wish"; wish: Wish }
  /** The person says what not to do, and nothing else. */
  | { kind: "refusal" }
  | { kind: "unknown" };

const POLITENESS = new RegExp(
  [
    "^(?:hi|hello|hey|good (?:morning|afternoon|evening)|ok|okay|so|now|then|and|please|pls|plz|kindly|well|alright|right)[,!. ]+",
    "^(?:can|could|would|will) (?:you|we)(?: please)?\\s+",
    "^(?:i(?:'d| would) like (?:you )?to|i want (?:you )?to|i need (?:you )?to|let's|lets|let us|let me|help me(?: to)?|go ahead and|we (?:need|want) to)\\s+",
    "^(?:please|pls|plz|just|only|simply|try to)\\s+",
  ].join("|"),
);

const SAID_AT_END =
  /(?:[?!.\s]|[\s,]+(?:please|pls|plz|thanks|thank you|thx)|,\s*(?:right|correct|ok|okay|or not|isn't it|hasn't it|huh|eh))+$/;

/** Questions that ask for knowledge or advice. Only a model could answer them, whatever words follow. */
const ADVICE =
  /^(?:how (?:do|can|would|could|should|does one|to)\b(?!.*\b(?:it|run|runs|training) (?:go|going|doing|look)\b)|should (?:i|we)\b|what(?:'s| is| are) (?:a|an|the best|the difference|better|good)\b|explain\b|what does\b.*\bmean\b|why (?:is|are|do|does) (?:adam|sgd|a|an|people|we|one)\b|which (?:optimi[sz]er|loss|learning rate|model|architecture)\b|when should\b|tell me a\b|write (?:me )?a (?:poem|story|joke)\b)/;

/** Asks how to do again what was done here, or which of it was best, which what was recorded answers. */
const ASKS_ABOUT_OWN =
  /\b(?:reproduce|repeat)\b.*\b(?:my|the|last|this) (?:last |latest )?(?:run|training|result)|^what(?:'s| is) the best (?:run|training|experiment|checkpoint|epoch|val\w*)\b/;

const HANDS_OVER =
  /^(?:hand|pass) (?:(?:it|this|that|the (?:run|model|work|task|checkpoint)) )?(?:over|off|on)?\s*to\b|^hand (?:it |this |that )?(?:over|off|on)$|^let (?:ml-trainer|mlops(?:-engineer)?|metaflow(?:-agent)?) take over$/;

const ADDS_STEP =
  /\b(?:add|insert|append)(?:ing)? (?:an? |another |the |one more |new )*(?:foreach|for-each|fan-?out|branch|join|split|switch|step)\b/;

const DECLINES = /^(?:no|nope|nah|no,? thanks|not now|forget (?:about )?(?:it|that))$/;

/** Asks about something. What acts would answer "what happens if I stop the run?" by stopping it. */
const QUESTION =
  /^(?:(?:tell me|show me|do you know|i wonder|i am wondering) )?(?:(?:with|on|at|in|for|from|by|to) (?=wh))?(?:what|when|where|which|who|why|how|if|whether|does|did|do (?:i|we|you|they|these|those|all|any)|is|are|was|were|has|have|can (?:it|i|this|that|the)|could (?:it|i|this|that|the)|will (?:it|this|that|the)|would (?:it|this|that|the))\b/;

/** Where a clause ends; a file name and a number hold points and commas too. */
const CLAUSE_END = /[,;:]\s+(?:but |and |just |only )?|\.\s+|\s+but\s+/;

/** A clause of its own that says what not to do, which says nothing of what to do. */
const REFUSED_CLAUSE =
  /^(?:please )?(?:and )?(?:(?:don't|dont|do not|never|no need to)\b(?! forget\b)|not (?:yet|now|today|right now)\b)/;

/** A clause that says not to do what follows in it. */
const NEGATED = /\b(?:don't|dont|do not|does not|doesn't|never|not|cannot|can't|won't|shouldn't)\b[^.,;:]*$/;

const LOOKS = String.raw`^(?:how (?:do|can|could) i )?(?:show|draw|display|see|open|view|plot|visuali[sz]e|what does)\b.*`;

/** What only a flow has. A graph alone is one to whoever works on flows; to a trainer it may be that of a loss. */
const SHOWS_FLOW = new RegExp(
  `${LOOKS}\\b(?:dag|flow graph|graph of (?:the|my|this) flow|steps of (?:the|my|this) flow)\\b|^(?:draw|visuali[sz]e|plot) (?:the|my|this) flow$|^python3? \\S+\\.py show$`,
);
const SHOWS_GRAPH = new RegExp(`${LOOKS}\\b(?:graph|diagram|steps)\\b|^(?:the )?(?:graph|dag|diagram)$`);

/** A request in the form of a question. */
const ASKS_FOR_DEED = /^(?:\W*\w+[,!. ]+)?(?:can|could|would|will) (?:you|we)\b/i;

/** What is done without a button: "remember the last run?" asks and writes nothing. */
const CHANGES_AT_ONCE = new Set(["approve", "forget", "remember"]);

/** Routing is for requests of a line or two; a pasted log is none. */
const MAX_CHARACTERS = 600;

/** What of the workspace decides what a text means. */
type Known = {
  /** Those that exist; a rule for another command is passed over. */
  commands: readonly CommandName[];
  /** The agents that fit the workspace, best first: the first takes what several could and the one that was asked cannot. */
  ranking?: readonly string[];
  /** What the runs here are called, for whom "stop mnist" and "is mnist done?" speak of a run. */
  runNames?: readonly string[];
};

/** Finds the command a text means: by rules, so the same text always gives the same answer. */
export function routeIntent(text: string, participant: string, known: Known): Intent {
  const whole = withoutPoliteness(waitLast(text.trim()));
  if (whole.spoken === "" || whole.spoken.length > MAX_CHARACTERS) {
    return { kind: "unknown" };
  }
  const { spoken } = withoutRefusals(whole);
  if (spoken === "" || DECLINES.test(spoken)) {
    return { kind: "refusal" };
  }
  const names = new Set(known.runNames?.map((name) => name.toLowerCase()));
  const isAsked = /\?\s*$/.test(text) && !ASKS_FOR_DEED.test(text);
  const intent = findIntentOfRun({ spoken, isAsked, names }, participant, known);
  if (!("prompt" in intent)) {
    return intent;
  }
  if (isAsked && CHANGES_AT_ONCE.has(intent.command)) {
    return { kind: "unknown" };
  }
  // A command learns of the refused clauses as well: "train, but not yet" is no "train".
  const told = intent.command === "stop" ? whole.original : withoutRefusedStop(whole.original, names);
  return { ...intent, prompt: promptFor(intent.command, told) };
}

/** The same as `findIntent`, with the names of runs understood. */
function findIntentOfRun(
  { spoken, isAsked, names }: { spoken: string; isAsked: boolean; names: ReadonlySet<string> },
  participant: string,
  known: Known,
): Intent {
  // "Stop finetune" begins no training where a run is called so.
  if (stopsNamed(spoken, names)) {
    return findIntent("stop the run", participant, known);
  }
  const general = withoutNames(spoken, names);
  const direct = findIntent(spoken, participant, known);
  const isOfRun = speaksOfRun(general, isAsked);
  if (general === spoken || (direct.kind !== "unknown" && !isOfRun)) {
    return direct;
  }
  const isNameAlone = isOfRun && general === "the run";
  const ofRun = findIntent(isNameAlone ? "status of the run" : general, participant, known);
  // A name begins nothing, and a sentence about a run begins nothing else.
  return ofRun.kind === "unknown" && isLooking(direct) ? direct : ofRun;
}

/** Only looks, or does nothing at all. */
function isLooking(intent: Intent): boolean {
  return intent.kind !== "other-agent" && (intent.kind !== "command" || intent.isReading);
}

/** The command that a request in lower case means, with an empty prompt. */
function findIntent(spoken: string, participant: string, { commands, ranking = [] }: Known): Intent {
  // Above advice, since "how do I add a foreach" asks for what a command does.
  if (ADDS_STEP.test(spoken)) {
    return { kind: "add-step" };
  }
  if (SHOWS_FLOW.test(spoken) || (participant === "metaflow-agent" && SHOWS_GRAPH.test(spoken))) {
    return { kind: "show-graph" };
  }
  const wish = findWish(spoken);
  if (wish !== undefined) {
    return { kind: "wish", wish };
  }
  if (ADVICE.test(spoken) && !ASKS_ABOUT_OWN.test(spoken)) {
    return { kind: "unknown" };
  }
  if (HANDS_OVER.test(spoken)) {
    return { kind: "hand-over" };
  }
  for (const rule of INTENT_RULES) {
    const isForThis = rule.asked === undefined || rule.asked === participant;
    const intent = isForThis && isMeant(rule, spoken) ? applyRule(rule, participant, { commands, ranking }) : undefined;
    if (intent !== undefined) {
      return intent;
    }
  }
  return { kind: "unknown" };
}

/** A run that shall go on is nothing that is to be started: "train mnist, don't stop finetune". */
function withoutRefusedStop(original: string, names: ReadonlySet<string>): string {
  const clauses = original.split(CLAUSE_END);
  const told = clauses.filter((clause) => !refusesStop(clause.toLowerCase().replaceAll("’", "'"), names));
  return told.length === clauses.length ? original : told.join(", ").trim();
}

/** What is waited for stands at the end: "when finetune is done, train mnist" becomes "train mnist when finetune is done". */
const WAITS_FIRST =
  /^((?:when|once|after|as soon as) (?:[^\s,]+ ){1,4}?(?:done|finished|finishes|ended|ends|over|complete|stops|stopped))(?:,? then|,)? (?=(?:(?:please|just) )?(?:re-?)?(?:train|fine[- ]?tune|start|launch|kick off|run|stop|cancel|resume)\b)/i;

function waitLast(text: string): string {
  const [whole = "", wait = ""] = WAITS_FIRST.exec(text) ?? [];
  return whole === "" ? text : `${text.slice(whole.length).replace(/[.!\s]+$/, "")} ${wait.toLowerCase()}`;
}

type Said = { spoken: string; original: string };

function isMeant(rule: IntentRule, spoken: string): boolean {
  const match = rule.pattern.exec(spoken);
  if (match === null || rule.unless?.test(spoken) === true) {
    return false;
  }
  const mayBeAsked = rule.isReading === true || rule.answersQuestions === true;
  return mayBeAsked || !(QUESTION.test(spoken) || NEGATED.test(spoken.slice(0, match.index)));
}

function applyRule(
  rule: IntentRule,
  participant: string,
  { commands, ranking }: { commands: readonly CommandName[]; ranking: readonly string[] },
): Extract<Intent, { command: string }> | undefined {
  const owners = commands.filter((command) => command.name === rule.command).map((command) => command.participant);
  if (owners.includes(participant)) {
    return { kind: "command", command: rule.command, prompt: "", isReading: rule.isReading === true };
  }
  const best = ranking.find((name) => owners.includes(name));
  // "Start it" means another thing to each agent: only what the workspace holds can tell which.
  const owner = rule.isLoose === true ? best : (owners.find((name) => name === rule.owner) ?? best ?? owners[0]);
  if (owner === undefined) {
    return undefined;
  }
  return { kind: "other-agent", participant: owner, command: rule.command, prompt: "" };
}

/** "Don't run it, only check it" asks to check; only the clauses that ask for something are left. */
function withoutRefusals(said: Said): Said {
  const clauses = said.original.split(CLAUSE_END);
  const asking = clauses.filter((clause) => !REFUSED_CLAUSE.test(clause.toLowerCase().replaceAll("’", "'")));
  return asking.length === clauses.length ? said : withoutPoliteness(asking.join(", ").trim());
}

/** `spoken` is for matching, `original` keeps the case of file names and arguments. */
function withoutPoliteness(text: string): Said {
  let original = text;
  let length: number;
  do {
    length = original.length;
    original = original.slice(POLITENESS.exec(original.toLowerCase())?.[0].length ?? 0).trimStart();
  } while (original.length < length);
  const spoken = original
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/^(how|what|when|where|who)s\b/, "$1's")
    .replace(SAID_AT_END, "");
  return { spoken, original };
}

/** The command's own word at the beginning says nothing more: `train with lr 3e-4` becomes `/train with lr 3e-4`. */
function promptFor(command: string, original: string): string {
  const first = original.split(/\s+/, 1)[0] ?? "";
  return first.toLowerCase().replace(/[:,]$/, "") === command ? original.slice(first.length).trimStart() : original;
}
