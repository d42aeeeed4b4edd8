import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";

/** A call to a tool that is not the agent's is turned into a call to this one, which explains itself to the model. */
export const NO_SUCH_TOOL = "trainyard_no_such_tool";

export type LoopGuard = {
  maxToolRounds: number;
  /** The only tools that may run. */
  toolNames: ReadonlySet<string>;
  /** Whether a call of one of them may be made now; absent where each may. */
  mayCall?: (tool: string, input: object) => Promise<boolean>;
  /** The input that a call is made with; absent where that is what the model gave. */
  fillIn?: (tool: string, input: object) => object;
  /** Hears of calls of other tools, and of those that may not be made, which are refused. */
  onRefusedTool?: (tool: string, input: object) => Promise<void>;
  /** About how many tokens all requests and answers may take together: the model concludes before, and is cut off there. */
  maxTokens?: number;
  /** Hears of each request and each answer, about how many tokens it took. */
  onTokens(count: number): void;
  /** Text for the person, as it comes; a new paragraph separates what was said before and after tools. */
  onText(text: string): void;
};

const CONCLUDE =
  "You have used all tool calls of this request. Answer now from the results above; say what you could not find out.";

/** Prompt tokens are estimated without the tool schemas, so a part of the window stays free for them. */
const USABLE_SHARE = 0.85;
const FALLBACK_INPUT_TOKENS = 8_192;
/** The part of a budget that stays free for an answer that was not expected to be so long. */
const RESERVED_SHARE = 0.1;
const CHARACTERS_PER_TOKEN = 4;

export function usableInputTokens(model: vscode.LanguageModelChat): number {
  return Math.floor((model.maxInputTokens > 0 ? model.maxInputTokens : FALLBACK_INPUT_TOKENS) * USABLE_SHARE);
}

/**
 * The model as the request loop sees it. The loop itself knows no limit, runs any tool a model names, and takes equal
 * call ids for the same call; all three are corrected here, between the loop and the model.
 */
export function guardModel(model: vscode.LanguageModelChat, guard: LoopGuard): vscode.LanguageModelChat {
  const usedIds = new Set<string>();
  let round = 0;
  let tokens = 0;
  const spend = (count: number) => {
    tokens += count;
    guard.onTokens(count);
  };
  return {
    name: model.name,
    id: model.id,
    vendor: model.vendor,
    version: model.version,
    // The loop replaces models of one family by another model; the person's choice stays.
    family: "",
    maxInputTokens: usableInputTokens(model),
    countTokens: (text) => countTokens(model, text),
    async sendRequest(messages, options, token) {
      if (token?.isCancellationRequested) {
        throw new vscode.CancellationError();
      }
      round += 1;
      const left = (guard.maxTokens ?? Infinity) - tokens;
      const said = await countTokens(model, messages.map(messageText).join("\n"));
      const offered = withoutInternalTool(options);
      const asked = said + estimate(JSON.stringify(offered.tools ?? ""));
      // After a round with tools comes another request, at least as long, and it has to fit as well.
      const isConclusion = round > guard.maxToolRounds || 2 * asked + RESERVED_SHARE * (guard.maxTokens ?? 0) > left;
      const cost = isConclusion ? said + estimate(CONCLUDE) : asked;
      if (cost >= left) {
        throw overBudget(cost, left);
      }
      spend(cost);
      const ending = endingWith(token);
      const response = isConclusion
        ? await model.sendRequest(withConclusion(messages), justificationOf(options), ending.token)
        : await model.sendRequest(messages.flatMap(withoutEmptyText), offered, ending.token);
      const isSpent = () => tokens > (guard.maxTokens ?? Infinity);
      return {
        text: response.text,
        stream: guardStream(response.stream, { guard, usedIds, round, isConclusion, spend, isSpent, ending }),
      };
    },
  };
}

/** A token that ends with another one, and by itself where an answer is not wanted any more. */
function endingWith(token: vscode.CancellationToken | undefined): vscode.CancellationTokenSource {
  const source = new vscode.CancellationTokenSource();
  token?.onCancellationRequested(() => source.cancel());
  return source;
}

function overBudget(cost: number, left: number): UserError {
  const [needed, free] = [cost, Math.max(0, left)].map((count) => Math.round(count).toLocaleString("en-US"));
  return new UserError(
    `The next request would take about ${needed} tokens, and ${free} are left of those that the agent may take for this task. Raise trainyard.workflow.tokensPerAgent, or do it by hand.`,
  );
}

async function* guardStream(
  stream: AsyncIterable<unknown>,
  state: {
    guard: LoopGuard;
    usedIds: Set<string>;
    round: number;
    isConclusion: boolean;
    spend: (tokens: number) => void;
    isSpent: () => boolean;
    ending: vscode.CancellationTokenSource;
  },
): AsyncIterable<unknown> {
  let hasText = false;
  for await (const part of stream) {
    state.spend(estimate(partToText(part)));
    if (state.isSpent()) {
      state.ending.cancel();
      throw new UserError(
        "The answer was cut off: it took all tokens that were left of those that the agent may take for this task. Raise trainyard.workflow.tokensPerAgent, or do it by hand.",
      );
    }
    if (part instanceof vscode.LanguageModelTextPart) {
      state.guard.onText(hasText || state.round === 1 ? part.value : `\n\n${part.value}`);
      hasText = true;
      yield part;
    } else if (!(part instanceof vscode.LanguageModelToolCallPart)) {
      yield part;
    } else if (!state.isConclusion) {
      const isAllowed = await mayCall(part, state.guard);
      if (!isAllowed) {
        await state.guard.onRefusedTool?.(part.name, part.input);
      }
      yield guardCall(part, isAllowed, state);
    }
  }
}

async function mayCall({ name, input }: vscode.LanguageModelToolCallPart, guard: LoopGuard): Promise<boolean> {
  return guard.toolNames.has(name) && (guard.mayCall === undefined || (await guard.mayCall(name, input ?? {})));
}

function guardCall(
  call: vscode.LanguageModelToolCallPart,
  isAllowed: boolean,
  state: { guard: LoopGuard; usedIds: Set<string>; round: number },
): vscode.LanguageModelToolCallPart {
  const callId = state.usedIds.has(call.callId) ? `${call.callId}-${state.round}-${state.usedIds.size}` : call.callId;
  state.usedIds.add(callId);
  const given = call.input ?? {};
  const input = isAllowed ? (state.guard.fillIn?.(call.name, given) ?? given) : { name: call.name };
  return new vscode.LanguageModelToolCallPart(callId, isAllowed ? call.name : NO_SUCH_TOOL, input);
}

/** Without tools in the request, some models refuse a conversation that contains tool calls: they become text. */
function withConclusion(messages: readonly vscode.LanguageModelChatMessage[]): vscode.LanguageModelChatMessage[] {
  const flat = messages.map(
    (message) => new vscode.LanguageModelChatMessage(message.role, messageText(message), message.name),
  );
  return [...flat.flatMap(withoutEmptyText), vscode.LanguageModelChatMessage.User(CONCLUDE)];
}

/** Some models refuse messages with empty text, which the loop sends beside tool calls. */
function withoutEmptyText(message: vscode.LanguageModelChatMessage): vscode.LanguageModelChatMessage[] {
  const content = message.content.filter(
    (part) => !(part instanceof vscode.LanguageModelTextPart && part.value.trim() === ""),
  );
  return content.length === 0 ? [] : [new vscode.LanguageModelChatMessage(message.role, content, message.name)];
}

function messageText({ content }: vscode.LanguageModelChatMessage): string {
  return content.map(partToText).join("\n");
}

function partToText(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) {
    return part.value;
  }
  if (part instanceof vscode.LanguageModelToolCallPart) {
    return `[called ${part.name} with ${JSON.stringify(part.input)}]`;
  }
  if (part instanceof vscode.LanguageModelToolResultPart) {
    return `[it answered: ${part.content.map(partToText).join("\n")}]`;
  }
  return "";
}

function withoutInternalTool(
  options: vscode.LanguageModelChatRequestOptions | undefined,
): vscode.LanguageModelChatRequestOptions {
  const tools = options?.tools?.filter((tool) => tool.name !== NO_SUCH_TOOL);
  return { ...options, tools: tools === undefined || tools.length === 0 ? undefined : tools.map(asPlainTool) };
}

function asPlainTool(tool: vscode.LanguageModelChatTool): vscode.LanguageModelChatTool {
  const { name, description, inputSchema } = tool;
  return { name, description, inputSchema };
}

function justificationOf(
  options: vscode.LanguageModelChatRequestOptions | undefined,
): vscode.LanguageModelChatRequestOptions {
  return options?.justification === undefined ? {} : { justification: options.justification };
}

/** Providers need not count; the loop must not fail for it. */
async function countTokens(
  model: vscode.LanguageModelChat,
  text: string | vscode.LanguageModelChatMessage,
): Promise<number> {
  const plain = typeof text === "string" ? text : JSON.stringify(text);
  try {
    const count: unknown = await model.countTokens(plain);
    return typeof count === "number" && Number.isFinite(count) ? count : estimate(plain);
  } catch {
    return estimate(plain);
  }
}

function estimate(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
