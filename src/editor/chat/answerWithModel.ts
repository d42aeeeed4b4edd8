import * as vscode from "vscode";
import { findPreferredModel, isPreferredModel, selectTools } from "../../core/chat/agentTools.ts";
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
  } else if (outcome.kind === "answered") {
    await showModel(turn);
  }
  const isSubstantive = outcome.kind === "answered" && outcome.text.trim() !== "";
  return { offersHandoffs: isSubstantive, text: outcome.text, memory: { tools: [...outcome.tools] } };
}

/** Says which model answered where the agent file prefers another one that could be picked. */
async function showModel(turn: PreparedTurn): Promise<void> {
  const preferences = turn.agent?.definition.models ?? [];
  const { model } = turn.request;
  const isWanted = vscode.workspace.getConfiguration("trainyard").get("chat.showModel", false);
  if (!isWanted || isPreferredModel(preferences, model)) {
    return;
  }
  const preferred = findPreferredModel(preferences, await vscode.lm.selectChatModels());
  if (preferred !== undefined) {
    turn.stream.markdown(
      `\n\n_Answered by ${model.name}. This agent prefers ${preferred.model.name}, which you can pick below the input box._`,
    );
  }
}
