import type * as vscode from "vscode";
import { type AssembledPrompt, assemblePrompt, type PromptParts } from "../../core/chat/assemblePrompt.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import { instructionBudget } from "./modelLoop.ts";

/** What came along with a request; `facts` are read once where several agents work for one request. */
export type InstructionsRequest = Pick<PromptParts, "packet" | "references"> & {
  model: vscode.LanguageModelChat;
  token: vscode.CancellationToken;
  facts: Promise<string>;
};

/** What a model is told before the words of the request: who it is, with facts in place of the placeholders, and what it knows. */
export async function agentInstructions(
  agent: { name: string; body: string },
  { model, token, facts, references, packet }: InstructionsRequest,
  deps: ChatDependencies,
): Promise<AssembledPrompt> {
  const [known, body, memory] = await Promise.all([
    facts,
    withAbortSignal(token, (signal) => deps.fillPlaceholders(agent.body, signal)),
    deps.readMemory(agent.name),
  ]);
  const parts = { agent: { name: agent.name, body }, facts: known, memory, references };
  return assemblePrompt(packet === undefined ? parts : { ...parts, packet }, instructionBudget(model));
}
