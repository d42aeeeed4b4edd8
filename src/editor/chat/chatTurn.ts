import type * as vscode from "vscode";
import type { CatalogedAgent } from "../../core/agents/agentCatalog.ts";
import type { AnswerAbove } from "../../core/chat/handoffButtons.ts";
import type { HandoffPacket } from "../../core/chat/handoffPacket.ts";
import type { ParticipantName } from "../../core/chat/participantNames.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { TurnMemory } from "../../core/chat/turnMemory.ts";

/** One request to a participant, as VS Code hands it over. */
export type ChatTurn = {
  participant: ParticipantName;
  request: vscode.ChatRequest;
  context: vscode.ChatContext;
  stream: vscode.ChatResponseStream;
  token: vscode.CancellationToken;
};

/** A request after its handoff token was taken out and its packet was read. */
export type PreparedTurn = ChatTurn & {
  prompt: string;
  agent: CatalogedAgent | undefined;
  commands: readonly SlashCommand[];
  packet?: HandoffPacket;
  /** The packet came with this very request and not with an earlier one. */
  isPacketNew: boolean;
  earlier: TurnMemory | undefined;
};

/** What an answer leaves for the end of the turn. */
export type Answered = {
  /** Whether buttons that hand the work on make sense below it. */
  offersHandoffs: boolean;
  /** What decides which of them are shown. */
  above?: AnswerAbove;
  /** The answer's text, for the packet of a handoff. */
  text: string;
  memory: Omit<TurnMemory, "trainyard" | "packetId">;
};
