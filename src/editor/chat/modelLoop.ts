import { sendChatParticipantRequest } from "@vscode/chat-extension-utils";
import * as vscode from "vscode";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { describeModelFailure } from "../../core/chat/modelFailure.ts";
import { keepNotes, type ToolNote } from "../../core/chat/turnMemory.ts";
import { isCancellation } from "../base/cancellation.ts";
import { log } from "../base/log.ts";
import { reshapeHistory } from "./loopHistory.ts";
import { guardModel, usableInputTokens } from "./loopModel.ts";
import { guardTools } from "./loopTools.ts";

const MAX_TOOL_ROUNDS = 15;
const MAX_RESULT_CHARACTERS = 12_000;
const MIN_RESULT_CHARACTERS = 1_000;
/** All results of a request together must leave room for the prompt and the answer. */
const RESULT_SHARE = 0.05;
const CHARACTERS_PER_TOKEN = 4;

export type ModelLoopRequest = {
  request: Pick<vscode.ChatRequest, "command" | "toolInvocationToken" | "toolReferences">;
  /** Who answers; not always the picked one. */
  model: vscode.LanguageModelChat;
  history: vscode.ChatContext["history"];
  stream: Pick<vscode.ChatResponseStream, "markdown">;
  token: vscode.CancellationToken;
  /** Who the agent is and what it knows; stands before the person's words. */
  instructions: string;
  /** The person's words. */
  prompt: string;
  toolNames: readonly string[];
  /** Whether a call of one of them may be made now; absent where each may. */
  mayCall?: (tool: string, input: object) => Promise<boolean>;
  /** The input that a call is made with; absent where that is what the model gave. */
  fillIn?: (tool: string, input: object) => object;
  /** Hears of calls of other tools, and of those that may not be made, which are refused. */
  onRefusedTool?: (tool: string, input: object) => Promise<void>;
  /** Hears of calls that the person was asked about and declined. */
  onDeclinedTool?: (tool: string, input: object) => Promise<void>;
  /** About how many tokens the requests and answers may take together. */
  maxTokens?: number;
};

/**
 * `text` is what the person has seen so far, also of an answer that failed half-way. `endsInTools`: the model called tools, and
 * said nothing behind the last of them.
 */
export type ModelLoopOutcome = { text: string; tools: readonly ToolNote[]; tokens: number } & (
  | { kind: "answered"; endsInTools: boolean }
  | { kind: "cancelled" }
  | { kind: "failed"; sentence: string }
);

/** How many characters of instructions a model can take beside history, tool results and its answer. */
export function instructionBudget(model: vscode.LanguageModelChat): number {
  return Math.min(80_000, Math.floor(usableInputTokens(model) * CHARACTERS_PER_TOKEN * 0.4));
}

/** Asks a model, lets it use tools, and streams its text. Resolves also when the model fails. */
export async function runModelLoop(asked: ModelLoopRequest): Promise<ModelLoopOutcome> {
  const { stream, token } = asked;
  const tools: ToolNote[] = [];
  let text = "";
  let tokens = 0;
  let endsInTools = false;
  const available = toolsOf(asked);
  const model = guardModel(asked.model, {
    maxToolRounds: MAX_TOOL_ROUNDS,
    toolNames: new Set(available.map((tool) => tool.name)),
    ...(asked.mayCall === undefined ? {} : { mayCall: asked.mayCall }),
    ...(asked.fillIn === undefined ? {} : { fillIn: asked.fillIn }),
    ...(asked.onRefusedTool === undefined ? {} : { onRefusedTool: asked.onRefusedTool }),
    ...(asked.maxTokens === undefined ? {} : { maxTokens: asked.maxTokens }),
    onTokens: (count) => (tokens += count),
    onText: (part) => {
      text += part;
      endsInTools &&= part.trim() === "";
      stream.markdown(part);
    },
  });
  const resultLimit = usableInputTokens(asked.model) * CHARACTERS_PER_TOKEN * RESULT_SHARE;
  const guarded = guardTools(available, {
    token,
    maxResultCharacters: Math.min(MAX_RESULT_CHARACTERS, Math.max(MIN_RESULT_CHARACTERS, resultLimit)),
    onResult: (note) => {
      tools.push(note);
      endsInTools = true;
    },
    ...(asked.onDeclinedTool === undefined ? {} : { onDeclined: asked.onDeclinedTool }),
  });
  const so = () => ({ text, tools: keepNotes(tools), tokens });
  try {
    const { result } = sendChatParticipantRequest(
      requestFor(asked, available),
      reshapeHistory(asked.history),
      {
        prompt: asked.instructions,
        model,
        tools: guarded,
        requestJustification: "To answer your request to a Trainyard agent",
      },
      token,
    );
    await result;
    return token.isCancellationRequested ? { kind: "cancelled", ...so() } : { kind: "answered", endsInTools, ...so() };
  } catch (error) {
    if (isCancellation(error) || token.isCancellationRequested) {
      return { kind: "cancelled", ...so() };
    }
    return { kind: "failed", sentence: explain(error, asked.model), ...so() };
  }
}

/** The agent's tools, and those the person named with `#` in this request. */
function toolsOf(asked: ModelLoopRequest): vscode.LanguageModelToolInformation[] {
  const named = asked.request.toolReferences.map((reference) => reference.name);
  return vscode.lm.tools.filter((tool) => asked.toolNames.includes(tool.name) || named.includes(tool.name));
}

/** References are part of the instructions already, bounded; the loop would read them again, whole. */
function requestFor(
  asked: ModelLoopRequest,
  available: readonly vscode.LanguageModelToolInformation[],
): vscode.ChatRequest {
  const { command, toolInvocationToken, toolReferences } = asked.request;
  return {
    prompt: asked.prompt,
    command,
    references: [],
    toolReferences: toolReferences.filter((reference) => available.some((tool) => tool.name === reference.name)),
    toolInvocationToken,
    model: asked.model,
  };
}

function explain(error: unknown, model: vscode.LanguageModelChat): string {
  if (error instanceof UserError) {
    return error.message;
  }
  const code = error instanceof vscode.LanguageModelError ? error.code : "";
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
  const message = `${messageOf(error)}${cause}`;
  log().error(`${model.vendor}/${model.id}: ${code} ${error instanceof Error ? (error.stack ?? message) : message}`);
  return describeModelFailure({ code, message, modelName: model.name });
}
