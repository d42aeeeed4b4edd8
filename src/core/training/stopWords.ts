/** What people call a run that goes on, and the small words around it. Several may follow each other. */
const PLAIN_STOP = new RegExp(
  [
    "^(?:please[\\s,]+)?",
    "(?:(?:stop|cancel|abort|kill|halt|interrupt|terminate|end|quit)\\b[\\s,:]*)?",
    "(?:(?:the|my|this|that|all|current|running|latest)\\b\\s*)*",
    "(?:(?:it|everything|runs?|trainings?|flow|job|experiment)\\b\\s*)*",
    "(?:[\\s,]*(?:now|please|immediately|at once|gracefully))*$",
  ].join(""),
);

/**
 * Whether a text only says to stop what goes on: "", "the training", "kill it!". Anything beyond these words may be a
 * condition ("when the loss rises"), a question or the name of something else, and is no request to stop at once.
 */
export function isPlainStop(text: string): boolean {
  return PLAIN_STOP.test(text.toLowerCase().replace(/[!.\s]+$/, ""));
}

/** Whether the run is said to be that of a flow: "stop the flow" is not said of a training. */
export function isSaidOfFlow(text: string): boolean {
  return /\bflows?\b/i.test(text);
}
