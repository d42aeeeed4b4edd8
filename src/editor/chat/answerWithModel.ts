import * as vscode from "vscode";
import { describeModelUsed, selectTools } from "../../core/chat/agentTools.ts";
import { assemblePrompt } from "../../core/chat/assemblePrompt.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { Answered, PreparedTurn } from "./chatTurn.ts";
import { instructionBudget, runModelLoop } from "./modelLoop.ts";
import { readReferences } from "./references.ts";

/** Answers free text with the language model that the person picked. */
export async function answerWithModel(turn: PreparedTurn, deps: ChatDependencies): Promise<Answered> {
  const { request, stream, token } = turn;
  const [facts, body, memory, references, toolNames] = await Promise.all([
    withAbortSignal(token, (signal) => deps.readFacts(signal)),
    withAbortSignal(token, (signal) => deps.fillPlaceholders(turn.agent?.definition.body ?? "", signal)),
    deps.readMemory(turn.participant),
    readReferences(request.references),
    deps.loadToolNames(),
  ]);
  const agent = { name: turn.participant, body };
  const parts = { agent, facts, memory, references, ...(turn.packet === undefined ? {} : { packet: turn.packet }) };
  const { text: instructions, cuts } = assemblePrompt(parts, instructionBudget(request.model));
  if (cuts.length > 0) {
    stream.markdown(`_Too long for ${request.model.name}, so only a part was passed on: ${cuts.join("; ")}._\n\n`);
  }
  const outcome = await runModelLoop({
    request,
    history: turn.context.history,
    stream,
    token,
    instructions,
    prompt: turn.prompt,
    toolNames: selectTools(
      turn.agent?.definition.tools ?? [],
      toolNames,
      vscode.lm.tools.map((tool) => tool.name),
    ),
  });
  if (outcome.kind === "failed") {
    stream.markdown(`\n\n${outcome.sentence}`);
  } else if (outcome.kind === "answered" && outcome.text.trim() === "") {
    stream.markdown(`${request.model.name} ended without an answer. Send the request again, or pick another model.`);
  }
  const isSubstantive = outcome.kind === "answered" && outcome.text.trim() !== "";
  const saidModel = isSubstantive ? await showModel(turn) : turn.earlier?.saidModel;
  const left = { tools: [...outcome.tools], ...(saidModel === undefined ? {} : { saidModel }) };
  return { offersHandoffs: isSubstantive, text: outcome.text, memory: left };
}

/** Says once in a conversation which model answers where the agent prefers another one. Gives the name of what was said. */
async function showModel({ agent, request, stream, earlier }: PreparedTurn): Promise<string | undefined> {
  const { model } = request;
  const isWanted = vscode.workspace.getConfiguration("trainyard").get("chat.showModel", true);
  if (!isWanted || earlier?.saidModel === model.name) {
    return earlier?.saidModel;
  }
  const preferences = agent?.definition.models ?? [];
  const sentence = describeModelUsed(preferences, model, await vscode.lm.selectChatModels());
  if (sentence === undefined) {
    return undefined;
  }
  stream.markdown(`\n\n_${sentence}_`);
  return model.name;
}
