/** One answer of the scripted model: text, tool calls or both; or a failure. */
export type Turn = {
  text?: string;
  toolCalls?: readonly { name: string; input: object }[];
  /** The request fails with this message. */
  error?: string;
  /** Says its text, then waits until the person presses Stop. */
  waitsForStop?: boolean;
};

/**
 * What the model will say. The first rule whose `prompt` (a regular expression, any case) matches the person's latest
 * message answers with its next turn; a prompt no rule matches takes the next of `turns`.
 */
export type Script = {
  rules?: readonly { prompt: string; turns: readonly Turn[] }[];
  turns?: readonly Turn[];
};

/** One request as the model saw it, a line of `requests.jsonl`. */
export type LoggedRequest = {
  messages: readonly LoggedMessage[];
  tools: readonly { name: string; description: string; inputSchema?: object }[];
  turn: Turn;
};

export type LoggedMessage = { role: "user" | "assistant"; parts: readonly LoggedPart[] };

export type LoggedPart =
  | { kind: "text"; text: string }
  | { kind: "tool-call"; callId: string; name: string; input: object }
  | { kind: "tool-result"; callId: string; text: string }
  | { kind: "other" };

/** Remembers how far each list of turns has been played. */
export class ScriptPlayer {
  readonly #script: Script;
  readonly #played = new Map<readonly Turn[], number>();

  constructor(script: Script) {
    this.#script = script;
  }

  next(prompt: string): Turn {
    const rule = this.#script.rules?.find((candidate) => new RegExp(candidate.prompt, "is").test(prompt));
    const turns = rule?.turns ?? this.#script.turns ?? [];
    const index = this.#played.get(turns) ?? 0;
    this.#played.set(turns, index + 1);
    return turns[index] ?? { error: `The script has no turn ${index + 1} for the prompt ${JSON.stringify(prompt)}.` };
  }
}

/** The request loop adds this sentence to the results of tools, in the person's name. */
function isAboutResults(text: string): boolean {
  return text.startsWith("Above is the result of calling one or more tools");
}

/** The person's latest message: the last user message that carries text and no tool result. */
export function latestPrompt(messages: readonly LoggedMessage[]): string {
  const spoken = messages.findLast(
    ({ role, parts }) =>
      role === "user" &&
      parts.some((part) => part.kind === "text" && part.text.trim() !== "" && !isAboutResults(part.text)) &&
      parts.every((part) => part.kind !== "tool-result"),
  );
  return (spoken?.parts ?? []).map((part) => (part.kind === "text" ? part.text : "")).join("");
}
