import type * as vscode from "vscode";
import { type AgentCatalog, findAgent } from "../../core/agents/agentCatalog.ts";
import { boundConversation, type HandoffArguments, type HandoffChoice } from "../../core/chat/handoffArguments.ts";
import { chooseHandoffButtons } from "../../core/chat/handoffButtons.ts";
import { takePacketToken } from "../../core/chat/packetToken.ts";
import { renderPacketMarkdown } from "../../core/chat/renderPacket.ts";
import { findSpokesman } from "../../core/chat/specialists.ts";
import { readTurnMemory, type TurnMemory } from "../../core/chat/turnMemory.ts";
import { BUILT_IN_VENDOR } from "../base/languageModels.ts";
import { answerBuiltIn } from "./answerBuiltIn.ts";
import { answerCommand } from "./answerCommand.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { Answered, ChatTurn, PreparedTurn } from "./chatTurn.ts";
import { linkedText } from "./linkedText.ts";
import { lastMemory } from "./loopHistory.ts";

/** Answers by a slash command, by the rules of the built-in model, or by the language model that was picked. */
export async function answerRequest(turn: ChatTurn, deps: ChatDependencies): Promise<vscode.ChatResult> {
  const prepared = await prepare(turn, deps);
  if (prepared.packet !== undefined && prepared.isPacketNew) {
    turn.stream.markdown(await linkedText(renderPacketMarkdown(prepared.packet, prepared.participant)));
  }
  const answered = await answer(prepared, deps);
  if (turn.token.isCancellationRequested) {
    return {};
  }
  if (answered.offersHandoffs) {
    showHandoffs(prepared, answered, await deps.loadCatalog());
  }
  const packetId = prepared.packet?.id;
  const { saidBuiltIn, saidModel } = prepared.earlier ?? {};
  // A slash command in between makes nobody forget what was said before it.
  const said = { ...(saidBuiltIn && { saidBuiltIn }), ...(saidModel !== undefined && { saidModel }) };
  const memory: TurnMemory = {
    trainyard: 1,
    ...said,
    ...answered.memory,
    ...(packetId === undefined ? {} : { packetId }),
  };
  return { metadata: memory };
}

export function followupsOf(result: vscode.ChatResult): vscode.ChatFollowup[] {
  return [...(readTurnMemory(result.metadata)?.followups ?? [])];
}

async function prepare(turn: ChatTurn, deps: ChatDependencies): Promise<PreparedTurn> {
  const { prompt, packetId } = takePacketToken(turn.request.prompt);
  const earlier = lastMemory(turn.context.history);
  const wanted = packetId ?? earlier?.packetId;
  const [catalog, commands, reading] = await Promise.all([
    deps.loadCatalog(),
    deps.loadCommands(),
    wanted === undefined ? undefined : deps.packets()?.read(wanted),
  ]);
  if (reading?.kind === "unreadable" && packetId !== undefined) {
    turn.stream.markdown(`${reading.reason}\n\n`);
  }
  const agent = findAgent(catalog, turn.participant);
  const isPacketNew = packetId !== undefined;
  const prepared = { ...turn, prompt, agent, commands, isPacketNew, earlier };
  return reading?.kind === "read" ? { ...prepared, packet: reading.packet } : prepared;
}

async function answer(turn: PreparedTurn, deps: ChatDependencies): Promise<Answered> {
  if (turn.request.command !== undefined) {
    return await answerCommand(turn, { name: turn.request.command, prompt: turn.prompt }, deps);
  }
  if (turn.request.model.vendor === BUILT_IN_VENDOR) {
    return await answerBuiltIn(turn, deps);
  }
  // The request loop is the heaviest part of the chat; commands do without it.
  const { answerWithModel } = await import("./answerWithModel.ts");
  return await answerWithModel(turn, deps);
}

/** Without a model the handoff to a specialist would lead to the command whose answer stands above. */
function wasJustAnswered(agent: string, { participant, request }: PreparedTurn): boolean {
  const spokesman = findSpokesman(agent);
  return (
    request.model.vendor === BUILT_IN_VENDOR &&
    spokesman?.participant === participant &&
    spokesman.command !== undefined &&
    spokesman.command === request.command
  );
}

function showHandoffs(turn: PreparedTurn, answered: Answered, catalog: AgentCatalog): void {
  const context = {
    from: turn.participant,
    origin: "answer" as const,
    isModelPicked: turn.request.model.vendor !== BUILT_IN_VENDOR,
    ...boundConversation(turn.prompt, answered.text),
    ...(turn.packet === undefined ? {} : { earlierPacketId: turn.packet.id, isAfterHandoff: turn.isPacketNew }),
  };
  const handoffs = (turn.agent?.definition.handoffs ?? []).filter(({ agent }) => !wasJustAnswered(agent, turn));
  const { shown, rest } = chooseHandoffButtons(handoffs, catalog, answered.above);
  for (const { agent, label, prompt, send } of shown) {
    const argument: HandoffArguments = { ...context, to: agent, label, prompt, send };
    turn.stream.button({ title: label, command: "trainyard.handoff", arguments: [argument] });
  }
  if (rest.length > 0) {
    const argument: HandoffChoice = { ...context, choose: true };
    turn.stream.button({ title: "Hand Over…", command: "trainyard.handoff", arguments: [argument] });
  }
}
