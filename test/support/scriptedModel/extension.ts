import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { type LoggedMessage, type LoggedPart, latestPrompt, type Script, ScriptPlayer, type Turn } from "./script.ts";

type Model = vscode.LanguageModelChatInformation;

const SCRIPTED: Model = {
  id: "scripted",
  name: "Scripted model",
  family: "scripted",
  version: "1",
  maxInputTokens: 100_000,
  maxOutputTokens: 10_000,
  capabilities: { toolCalling: true },
};

/** Registers a model that plays `script.json` of the folder in TRAINYARD_SCRIPTED_MODEL and logs every request there. */
export function activate(context: vscode.ExtensionContext): void {
  const folder = process.env["TRAINYARD_SCRIPTED_MODEL"];
  if (folder !== undefined) {
    context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("scripted", new ScriptedProvider(folder)));
    // VS Code asks a provider for its models only when somebody wants one, and the prompt that wants the first is lost.
    void vscode.lm.selectChatModels({ vendor: "scripted" });
  }
}

class ScriptedProvider implements vscode.LanguageModelChatProvider {
  readonly #folder: string;
  #player = new ScriptPlayer({});
  #scriptTime = -1;

  constructor(folder: string) {
    this.#folder = folder;
  }

  provideLanguageModelChatInformation(): Model[] {
    return [SCRIPTED];
  }

  provideTokenCount(_model: Model, text: string | vscode.LanguageModelChatRequestMessage): Promise<number> {
    return Promise.resolve(Math.ceil(JSON.stringify(text).length / 4));
  }

  async provideLanguageModelChatResponse(
    _model: Model,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    ...[progress, token]: [vscode.Progress<vscode.LanguageModelResponsePart>, vscode.CancellationToken]
  ): Promise<void> {
    const logged = messages.map(logMessage);
    const turn = this.#nextTurn(latestPrompt(logged));
    const tools = (options.tools ?? []).map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    appendFileSync(join(this.#folder, "requests.jsonl"), `${JSON.stringify({ messages: logged, tools, turn })}\n`);
    if (turn.error !== undefined) {
      throw new Error(turn.error);
    }
    if (turn.text !== undefined) {
      progress.report(new vscode.LanguageModelTextPart(turn.text));
    }
    for (const { name, input } of turn.toolCalls ?? []) {
      progress.report(new vscode.LanguageModelToolCallPart(crypto.randomUUID(), name, input));
    }
    if (turn.waitsForStop === true) {
      await cancelled(token);
    }
  }

  /** A script that a test has rewritten starts from its beginning. */
  #nextTurn(prompt: string): Turn {
    const file = join(this.#folder, "script.json");
    const time = statSync(file).mtimeMs;
    if (time !== this.#scriptTime) {
      this.#scriptTime = time;
      const script: Script = JSON.parse(readFileSync(file, "utf8"));
      this.#player = new ScriptPlayer(script);
    }
    return this.#player.next(prompt);
  }
}

function cancelled(token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    if (token.isCancellationRequested) {
      resolve();
    } else {
      token.onCancellationRequested(() => resolve());
    }
  });
}

function logMessage(message: vscode.LanguageModelChatRequestMessage): LoggedMessage {
  const role = message.role === vscode.LanguageModelChatMessageRole.User ? "user" : "assistant";
  return { role, parts: message.content.map(logPart) };
}

function logPart(part: unknown): LoggedPart {
  if (part instanceof vscode.LanguageModelTextPart) {
    return { kind: "text", text: part.value };
  }
  if (part instanceof vscode.LanguageModelToolCallPart) {
    return { kind: "tool-call", callId: part.callId, name: part.name, input: part.input };
  }
  if (part instanceof vscode.LanguageModelToolResultPart) {
    return { kind: "tool-result", callId: part.callId, text: part.content.map(textOf).join("") };
  }
  return { kind: "other" };
}

function textOf(part: unknown): string {
  return part instanceof vscode.LanguageModelTextPart ? part.value : JSON.stringify(part);
}
