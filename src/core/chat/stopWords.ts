/* What may be stopped here. Whatever else is to end (a deployment, an endpoint, a bill) is no run of this workspace. */

const STOPS = "(?:stop|cancel|abort|kill|halt|interrupt|terminate)";
const RUNS = String.raw`(?:runs?|re-?runs?|training|trainings|sweeps?|trials?|jobs?|process(?:es)?|scripts?|experiments?|flows?|epochs?|ones?|search|evaluation|train(?= now$| please$|$)|[\w./-]*\d[\w./-]*|[\w./-]+\.py)(?![\w-])`;
const POINTED = String.raw`everything (?:that|which) (?:is |still |goes |is still )?(?:running|runs|on|going on)|(?:it|this|that|them|everything|all|both|now)(?! \w)|(?:it|this|that|them|everything|all|both|now) (?:all|and|at|after|as|because|before|but|gracefully|if|immediately|in|now|please|right|since|so|too|when|with)\b`;

/** The request begins with it: "stop", "stop it", "kill the last run", "stop after this epoch". */
export const STOPS_RUN = new RegExp(
  String.raw`^(?:${STOPS}(?!-)(?:$|[,;:]| (?:and|after|at|before|gracefully|if|immediately|now|please|right now|when)\b| (?:${POINTED})| (?:\S+ ){0,4}?${RUNS})|end (?:${POINTED}|(?:the|my|all|this|that|last|current) (?:\S+ ){0,2}?${RUNS}))`,
);

/** Anywhere else it needs what it stops: "it diverges, stop it". */
export const STOPS_RUN_LATER = new RegExp(
  String.raw`(?<!-)\b${STOPS} (?:${POINTED}|(?:(?:the|my|all|this|that|last|current) )*${RUNS})`,
);

/** With a condition or a reason, whose words ask for nothing: "stop it if the loss is nan", "it is stuck, kill it". */
export const STOPS_RUN_IF = new RegExp(
  String.raw`(?=.*\b(?:if|when|once|as soon as|unless|in case|because|since|(?:it|loss) (?:is|has|\w+s))\b)${STOPS_RUN.source}|[,;.] (?:(?:so|please|then|just|and) )*${STOPS} (?:it|this|that|the (?:run|training))$`,
);

/** Says that a run may end, and leaves it open: "it can be stopped", "the run should be cancelled". */
export const MAY_BE_STOPPED =
  /^(?:it|this|that|the (?:run|training|sweep|job)) (?:can|could|may|might|should|must|has to|needs to) (?:now |just )?(?:be )?(?:stop(?:ped)?|cancell?(?:ed)?|abort(?:ed)?|kill(?:ed)?|halt(?:ed)?|terminated?|end(?:ed)?)(?: now| please)?$/;

/** Stops one thing by a word, which may be the name of a run: "stop finetune", "kill the `data` run, please". */
export const STOPS_NAMED = new RegExp(
  String.raw`^(?:${STOPS}|end|quit) (?:(?:the|my) )?["'\`]?([\w.-]+)["'\`]?(?: (?:run|training|job))?(?:,? (?:now|please|immediately))*$`,
);

/** What is no run, and code that is to be written about stopping. */
export const STOPS_NO_RUN =
  /^(?:add|change|create|deploy|edit|implement|modify|refactor|write|make (?!(?:it|this|that|the (?:run|training)) stop\b))|\b(?:deploy\w*|endpoints?|schedules?|instances?|servers?|services?|clusters?|containers?|pods?|crons?|ec2|paying|from over-?fit\w*|words?)\b/;

/** The same for what gives no reason: "stop overfitting". */
export const STOPS_ELSEWHERE = new RegExp(String.raw`${STOPS_NO_RUN.source}|\bover-?fit\w*\b`);

/** Takes back what was brought to production, which is no request to bring more. */
export const UNDOES_DEPLOYMENT =
  /^(?:abort|cancel|disable|halt|interrupt|kill|pause|revert|stop|take down|tear down|terminate|undeploy|undo|unschedule)\b|\broll(?:ed|ing)? ?back\b|\brollback\b/;
