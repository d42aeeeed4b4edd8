import * as vscode from "vscode";
import { describeModel, describeModelUsed, selectTools } from "../../core/chat/agentTools.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { languageModels } from "../base/languageModels.ts";
import { agentInstructions } from "./agentInstructions.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { Answered, PreparedTurn } from "./chatTurn.ts";
import { chooseModel } from "./chooseModel.ts";
import { runModelLoop } from "./modelLoop.ts";
import { readReferences } from "./references.ts";

/** Answers free text with the language model that the person picked, or by "Auto" with one that the agent prefers. */
export async function answerWithModel(turn: PreparedTurn, deps: ChatDependencies): Promise<Answered> {
  const { request, stream, token } = turn;
  const facts = withAbortSignal(token, (signal) => deps.readFacts(signal));
  const [model, references, toolNames] = await Promise.all([
    chooseModel(request.model, turn.agent?.definition.models ?? []),
    readReferences(request.references),
    deps.loadToolNames(),
    // Awaited together: facts that fail while the model is chosen would otherwise be a rejection that nobody handles.
    facts,
  ]);
  const agent = { name: turn.participant, body: turn.agent?.definition.body ?? "" };
  const came = { model, token, facts, references, ...(turn.packet === undefined ? {} : { packet: turn.packet }) };
  const { text: instructions, cuts } = await agentInstructions(agent, came, deps);
  if (cuts.length > 0) {
    stream.markdown(`_Too long for ${model.name}, so only a part was passed on: ${cuts.join("; ")}._\n\n`);
  }
  const outcome = await runModelLoop({
    request,
    model,
    history: turn.context.history,
    stream,
    token,
    instructions,
    prompt: turn.prompt,
    toolNames: selectTools(
      turn.agent?.definition.tools,
      toolNames,
      vscode.lm.tools.map((tool) => tool.name),
    ),
    onRefusedTool: (tool, input) => deps.noteCall({ agent: turn.participant, tool, input, outcome: "refused" }),
    onDeclinedTool: (tool, input) => deps.noteCall({ agent: turn.participant, tool, input, outcome: "declined" }),
  });
  if (outcome.kind === "failed") {
    stream.markdown(`\n\n${outcome.sentence}`);
  } else if (outcome.kind === "answered" && outcome.text.trim() === "") {
    stream.markdown(`${model.name} ended without an answer. Send the request again, or pick another model.`);
  }
  const isSubstantive = outcome.kind === "answered" && outcome.text.trim() !== "";
  const saidModel = isSubstantive ? await showModel(turn, model) : turn.earlier?.saidModel;
  const left = { tools: [...outcome.tools], ...(saidModel === undefined ? {} : { saidModel }) };
  return { offersHandoffs: isSubstantive, text: outcome.text, memory: left };
}

/** Says which model answered, and once in a conversation what the agent prefers. Gives the name of what was said. */
async function showModel(
  { agent, stream, earlier }: PreparedTurn,
  model: vscode.LanguageModelChat,
): Promise<string | undefined> {
  if (!vscode.workspace.getConfiguration("trainyard").get("chat.showModel", true)) {
    return earlier?.saidModel;
  }
  const preferences = agent?.definition.models ?? [];
  const sentence =
    earlier?.saidModel === model.name
      ? describeModel(model)
      : describeModelUsed(preferences, model, await languageModels());
  stream.markdown(`\n\n_${sentence}_`);
  return model.name;
}
