import type * as vscode from "vscode";
import { CancellationTokenSource, LanguageModelTextPart, LanguageModelToolCallPart } from "./fakeVscode.ts";

/** A response stream that keeps what was drawn. */
export class FakeStream {
  text = "";
  readonly trusted: unknown[] = [];
  readonly buttons: { title: string; command: string; arguments?: unknown[] }[] = [];
  readonly referenced: unknown[] = [];
  markdown(value: string | vscode.MarkdownString): void {
    this.text += typeof value === "string" ? value : value.value;
    if (typeof value !== "string" && value.isTrusted !== undefined) {
      this.trusted.push(value.isTrusted);
    }
  }
  button(button: { title: string; command: string; arguments?: unknown[] }): void {
    this.buttons.push(button);
  }
  reference(value: unknown): void {
    this.referenced.push(value);
  }
  progress(): void {}
}

/** One answer of a scripted model: text, tool calls by name and input, or an error. */
export type ScriptedAnswer = { text?: string; calls?: [name: string, input: object][]; error?: Error };

type SentRequest = {
  messages: readonly vscode.LanguageModelChatMessage[];
  options: vscode.LanguageModelChatRequestOptions;
};

/** A model that plays a script, one answer a request, and keeps what it was asked. The last answer repeats. */
export class ScriptedModel {
  name = "Scripted";
  id = "scripted";
  readonly version = "1";
  vendor = "test";
  family = "scripted";
  maxInputTokens = 100_000;
  readonly sent: SentRequest[] = [];
  readonly #answers: readonly ScriptedAnswer[];

  constructor(...answers: ScriptedAnswer[]) {
    this.#answers = answers;
  }
  countTokens(text: string): Promise<number> {
    return Promise.resolve(Math.ceil(text.length / 4));
  }
  sendRequest(messages: SentRequest["messages"], options: SentRequest["options"]): Promise<unknown> {
    const answer = this.#answers[Math.min(this.sent.length, this.#answers.length - 1)] ?? {};
    this.sent.push({ messages, options });
    return Promise.resolve({ stream: play(answer), text: playText(answer) });
  }
}

async function* play(answer: ScriptedAnswer): AsyncIterable<unknown> {
  if (answer.text !== undefined) {
    yield new LanguageModelTextPart(answer.text);
  }
  for (const [index, [name, input]] of (answer.calls ?? []).entries()) {
    // The same ids in every round, as some providers do.
    yield new LanguageModelToolCallPart(`call_${index}`, name, input);
  }
  if (answer.error !== undefined) {
    throw answer.error;
  }
}

async function* playText(answer: ScriptedAnswer): AsyncIterable<string> {
  yield answer.text ?? "";
}

/** Everything the messages of a request say, as one text. */
export function saidIn(request: SentRequest | undefined): string {
  return (request?.messages ?? []).map((message) => JSON.stringify(message.content)).join("\n");
}

export type FakeTurn = {
  prompt: string;
  command?: string;
  model?: unknown;
  references?: unknown[];
  history?: unknown[];
  toolReferences?: { name: string }[];
};

/** The arguments of a participant's handler. */
export function chatTurn(turn: FakeTurn) {
  const stream = new FakeStream();
  const source = new CancellationTokenSource();
  const {
    prompt,
    command,
    model = new ScriptedModel({ text: "Done." }),
    references = [],
    history = [],
    toolReferences = [],
  } = turn;
  const request = { prompt, command, model, references, toolReferences, toolInvocationToken: "token" };
  return { stream, source, args: [request, { history }, stream, source.token] as const };
}
