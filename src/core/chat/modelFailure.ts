/** A failed request to a model, reduced to what decides the advice. */
export type ModelFailure = {
  /** `LanguageModelError.code`: NoPermissions, Blocked, NotFound, or anything else. */
  code: string;
  message: string;
  modelName: string;
};

const PICK_ANOTHER = "Pick another model below the input box, or use a slash command: those need no model.";

type FailureRule = { matches(failure: ModelFailure): boolean; tell(failure: ModelFailure): string };

/** Other things can be too long as well, such as a name in the schema of a tool. */
const TOO_LONG =
  /\b(?:prompt|context|conversation|request|payload|body|messages?|input|history|attachments?)(?:[ _]\w+){0,4}[ _]too[ _](?:long|large)/i;

const RULES: readonly FailureRule[] = [
  {
    matches: ({ message }) => /quota|rate.?limit|too many requests|\b429\b|premium request|usage limit/i.test(message),
    tell: ({ modelName }) =>
      `${modelName} takes no more requests at the moment: its quota or rate limit is reached. Wait a while, or do the following. ${PICK_ANOTHER}`,
  },
  {
    matches: ({ message }) =>
      /context.?(?:length|window)|maximum.*tokens|too many tokens|token limit|lowest priority node/i.test(message) ||
      TOO_LONG.test(message),
    tell: ({ modelName }) =>
      `The conversation and its attachments are too long for ${modelName}. Start a new chat, attach less, or pick a model that reads more.`,
  },
  {
    matches: ({ code }) => code === "NoPermissions",
    tell: ({ modelName }) =>
      `VS Code does not let Trainyard use ${modelName}. Send the request again and allow the access, or look under "Manage Language Model Access". ${PICK_ANOTHER}`,
  },
  {
    matches: ({ code, message }) =>
      code === "NotFound" || /model (?:is )?(?:not found|unavailable|not supported)/i.test(message),
    tell: ({ modelName }) => `${modelName} is no longer available. ${PICK_ANOTHER}`,
  },
  {
    matches: ({ message }) => /filtered|off.?topic|content policy|responsible ai/i.test(message),
    tell: ({ modelName }) => `${modelName} refused to answer this request. Put it in other words. ${PICK_ANOTHER}`,
  },
  {
    matches: ({ code }) => code === "Blocked",
    tell: ({ modelName }) =>
      `VS Code blocks Trainyard from ${modelName} at the moment. Wait a while, or do the following. ${PICK_ANOTHER}`,
  },
  {
    matches: ({ message }) => /sign(?:ed)? ?in|unauthori[sz]ed|\b401\b|\b403\b|api key|forbidden/i.test(message),
    tell: ({ modelName }) =>
      `${modelName} does not accept the sign-in or the key. Sign in again or correct the key under "Manage Language Models". ${PICK_ANOTHER}`,
  },
  {
    matches: ({ message }) =>
      /fetch failed|network|ENOTFOUND|ECONN|ETIMEDOUT|timed? ?out|socket|getaddrinfo/i.test(message),
    tell: ({ modelName }) =>
      `${modelName} could not be reached. Check the connection and send the request again. ${PICK_ANOTHER}`,
  },
];

/** A sentence that says what happened to which model and what to do next. */
export function describeModelFailure(failure: ModelFailure): string {
  const rule = RULES.find((each) => each.matches(failure));
  return (
    rule?.tell(failure) ??
    `${failure.modelName} could not answer: ${failure.message.replace(/\.?\s*$/, ".")} Send the request again. ${PICK_ANOTHER}`
  );
}
