/** What a sentence says against starting, and the sentence without it. */
export type HoldWords = { text: string; isHeld: boolean };

/** Said where a plan is shown and not to be started; a button that starts it would be pressed by habit. */
export const NOTHING_STARTS =
  "Nothing was started, as you asked. This is what would run; ask again without those words for the button that starts it.";

/** What names the whole start: "don't run it" refuses to start, "don't run eval" says how to train. */
const WHOLE = String.raw`(?:it|anything|everything|training|[\w./-]+\.py|(?:the|my|a|any|this|that) (?:run|training|flow|script|job|sweep|command|model)s?)(?![-\w])`;

/** Ends what was said: "don't train" refuses to start, "don't train the backbone" does not. */
const CLAUSE_END = String.raw`(?=\s*(?:$|[,;:!?)]|\.(?:\s|$)|\b(?:but|and|or|just|only|yet|please|until|till|before|unless)\b))`;

const HOLD = new RegExp(
  [
    String.raw`\b(?:please )?(?:do not|don't|dont|never) (?:actually |yet |you |even )*(?:start|run|launch|train|execute|begin|do)\b(?:(?: ${WHOLE})+(?: (?:yet|now|for now|right now))*|(?: (?:yet|now|for now|right now))+|(?: (?:this|that))?${CLAUSE_END})`,
    String.raw`\bwithout (?:actually )?(?:starting|running|launching|training|executing)\b(?:(?: ${WHOLE})+|${CLAUSE_END})`,
    String.raw`\bnot (?:yet|now|today|right now)\b`,
    String.raw`^what would (?:you )?run\b`,
    String.raw`(?<![-\w])dry[- ]?run\b(?! ?=)`,
    String.raw`\b(?:just|only) (?:(?:want|like) to )?(?:show|list|tell|see|look|plan)\b(?: (?:me|at|it|what would run|the (?:plan|command)))*`,
    String.raw`(?:^(?:please )?|\bfirst )show (?:me )?the (?:plan|command)(?: (?:for|of))?`,
    String.raw`\bshow (?:me )?(?:what would run(?: (?:for|of))?|the (?:plan|command) first)`,
    String.raw`\b(?:just|only) (?:(?:want|like) to )?(?:check|print)\b(?: (?:me|at|it|what would run|the (?:plan|command)))*${CLAUSE_END}`,
    String.raw`\b(?:show me|tell me|list|which|what)(?: (?:which|what|the|all))* (?:hyper-?parameters?|arguments?|args|options?|flags?|settings?)\b(?: (?:of|does|do|has|have|are there|can i (?:set|change)))*`,
  ].join("|"),
  "gi",
);

/** A value in quotes says nothing of starting; the mark of an abbreviation ("don't") opens none. */
const QUOTED = /(?<![^\s=])(?:"[^"]*"|“[^”]*”|'[^']*'(?!\w))/g;
/** Stands for a quoted value, and matches no word. */
const PLACEHOLDER = "\u0000";

/**
 * Understands "train but not yet" and "don't start anything, just show me its arguments": a plan is asked for, and no
 * way to start it by the next click.
 */
export function takeHoldWords(asked: string): HoldWords {
  const quoted: string[] = [];
  const spoken = asked
    .replace(QUOTED, (value) => {
      quoted.push(value);
      return PLACEHOLDER;
    })
    .replaceAll("’", "'");
  if (spoken.search(HOLD) < 0) {
    return { text: asked, isHeld: false };
  }
  const rest = spoken.replace(HOLD, " ").replace(/\s+/g, " ").trim();
  return { text: rest.replaceAll(PLACEHOLDER, () => quoted.shift() ?? ""), isHeld: true };
}
