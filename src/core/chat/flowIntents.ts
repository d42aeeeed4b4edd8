/* What people write of flows, and of the projects that are led through phases. */

import type { IntentRule } from "./intentRule.ts";

/** Asks to test a model and for no test to be written. */
const TESTS_MODEL =
  /^(?:test(?: (?:it|(?:(?:the|my|this|last|best) )*(?:model|checkpoint|run)|accuracy|loss|score))?|validate on\b.*|is (?:my|the|this) model (?:any )?good)$/;

/** Tells how a plan or a pipeline is, where "design" and "plan" are things: "plan of the pipeline is outdated". */
const TELLS_OF_PIPELINE =
  /^(?:start|build|design|plan|set ?up) (?:of|is|was|looks|failed)\b|^[^,;.]*\b(?:pipeline|platform) (?:is|was|looks|has|had|failed|broke|crashed)\b/;

const WANTS_ONE =
  "(?:make|create|write|draft|draw up|give me|get me|(?:i|we) (?:need|want)|(?:i|we)(?:'d| would) like) (?:an? |the )?(?:\\w+ )?";

/** Asks for the plan of a whole platform. What only speaks of one ("we had a plan for an ML pipeline") begins nothing. */
const PLANS_PLATFORM = new RegExp(
  String.raw`(?:^|\b(?:and|then|please|you|us|(?:want|need|like|help|you|us) to) )(?:${WANTS_ONE})?(?:design|plan)\b.*\b(?:ml|mlops|end-to-end) (?:pipeline|platform)\b`,
);

/** Said to the agent of flows, with words that mean a training to the others: "logs of the train step". */
export const ASKED_OF_FLOWS: IntentRule[] = [
  {
    command: "check",
    pattern:
      /^(?:python3? )?\S+\.py check$|^(?:check|lint|verify|validate) \S+\.py$|^is \S+\.py (?:ok|okay|fine|valid|correct)$|^(?:lint|check)$|^(?:run|do) (?:the|all|my) checks?$|^(?:the )?(?:start|end|join) step is missing$/,
    answersQuestions: true,
  },
  {
    command: "runs",
    pattern:
      /^(?:show (?:me )?)?(?:the )?(?:(?:run|step) )?logs? (?:of|for|from) (?:the )?(?:\w+ step|step \w+)|^(?:(?:the|show|show me) )*(?:execution|launch|start|end|run) times? (?:of|for)\b|^(?:what|which step|which task)s? (?:has |have )?(?:failed|crashed)\b|^(?:when|how long) (?:did|has|does|was|is) (?:the|my|this) (?:last )?(?:flow|pipeline|workflow)\b/,
    isReading: true,
  },
  { command: "run", pattern: /^run --/ },
].map((rule) => ({ ...rule, asked: "metaflow-agent" }));

export const FLOWS: IntentRule[] = [
  {
    command: "check",
    pattern: /\b(?:check|lint|verify|validate|is)\b.*\b(?:flow|flows|pipeline|workflow|dag)\b/,
    unless: /\b(?:running|done|finished|doing|going|production)\b/,
    answersQuestions: true,
    owner: "metaflow-agent",
  },
  {
    command: "runs",
    pattern: /^is (?:the|my|a|any) (?:flow|pipeline|workflow)\b.*\b(?:running|done|finished)\b/,
    isReading: true,
    owner: "metaflow-agent",
  },
  {
    command: "deploy",
    pattern:
      /^(?:is|are) (?:it|(?:the|my|this) \w+) (?:really )?ready (?:for|to) (?:production|prod|deploy\w*|go live|ship)$/,
    owner: "mlops-engineer",
    isReading: true,
  },
  { command: "evaluate", pattern: TESTS_MODEL, asked: "ml-trainer", isReading: true },
  { command: "test", pattern: /\b(?:write|add|create|generate|make)\b.*\btests?\b|^test\b/ },
  {
    command: "document",
    pattern:
      /\b(?:document|documentation|docs|readme)\b|^(?:write|create|make|generate|draft|give me)\b.*\b(?:model|run) card\b/,
  },
  { command: "check", pattern: /^(?:check|lint|verify) (?:it|this|that)$/, owner: "metaflow-agent" },
  { command: "graph", pattern: /^what does (?:the|my|this) flow do\b/, answersQuestions: true },
  { command: "approve", pattern: /^(?:i )?approved?(?: (?:it|this|that|the (?:phase|design|plan)))?$/ },
  {
    command: "status",
    pattern:
      /^(?:where (?:are we|(?:does|is) (?:the|my|our) (?:workflow|pipeline|project))\b|(?:continue|go on with|resume) (?:with )?(?:the|my|our) (?:pipeline|workflow|project)\b|(?:the )?next phase$|what(?:'s| is) (?:the|our|my) next (?:step|phase)$|go back to (?:(?:the|my) )?(?:\w+ phase|phase|design|plan)\b|(?:workflow|pipeline) status$)/,
    isReading: true,
    owner: "mlops-engineer",
  },
  {
    command: "pipeline",
    pattern: /^(?:start|begin|build|create|make|design|plan|set ?up|new)\b.*\bpipeline\b/,
    unless: TELLS_OF_PIPELINE,
    asked: "mlops-engineer",
  },
  { command: "pipeline", pattern: /^(?:start|begin|plan|design|set ?up)\b.*\bpipeline for\b/ },
  { command: "pipeline", pattern: PLANS_PLATFORM, unless: TELLS_OF_PIPELINE },
  {
    command: "scaffold",
    pattern:
      /\b(?:create|new|generate|make|write|build|turn|convert|add|give me)\b.*\b(?:flow|flows|pipeline|workflow)\b/,
  },
  { command: "scaffold", pattern: /\bscaffold\b|^(?:turn|convert|port|migrate|move|make)\b.*\bto metaflow$/ },
  { command: "run", pattern: /\b(?:run|rerun|execute|start|launch|kick off)\b.*\b(?:flow|flows|pipeline|workflow)\b/ },
  {
    command: "develop",
    pattern: /\b(?:guided|from scratch|step by step)\b|\bdevelop\b.*\b(?:model|feature)\b/,
    unless: /\.py again\b/,
  },
];
