import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { ToolNames } from "../../core/chat/agentTools.ts";
import type { PacketStore } from "../../core/chat/handoffPacket.ts";
import { takePacketToken } from "../../core/chat/packetToken.ts";
import { PARTICIPANT_ID_PREFIX, PARTICIPANT_NAMES, type ParticipantName } from "../../core/chat/participantNames.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { OPEN_LOG_COMMAND, reportError } from "../base/reportError.ts";
import type { Deliveries } from "./deliveries.ts";

/** What the participants need. Everything heavy comes through a function, so that it loads with the first request. */
export type ChatDependencies = {
  loadCatalog(): Promise<AgentCatalog>;
  /** The slash commands of all participants. */
  loadCommands(): Promise<readonly SlashCommand[]>;
  /** Our tools by both names, for the `tools` of agent files. */
  loadToolNames(): Promise<readonly ToolNames[]>;
  /**
   * What is known about the workspace, one statement a line, each with the file it came from.
   * Contract: says in its text what could not be read, rather than rejecting.
   */
  readFacts(signal: AbortSignal): Promise<string>;
  /** What an agent remembers of this workspace; empty when it remembers nothing. */
  readMemory(agent: string): Promise<string>;
  /** Absent without a workspace folder. */
  packets(): PacketStore | undefined;
  deliveries: Deliveries;
  /** Commands that links in replies may run. */
  trustedCommands: readonly string[];
};

const ICONS: Readonly<Record<ParticipantName, string>> = {
  "metaflow-agent": "type-hierarchy",
  "ml-trainer": "graph-line",
  "mlops-engineer": "server-process",
};

/** Registers the agents in the chat. */
export function registerParticipants(deps: ChatDependencies): vscode.Disposable {
  return vscode.Disposable.from(...PARTICIPANT_NAMES.map((name) => registerParticipant(name, deps)));
}

function registerParticipant(name: ParticipantName, deps: ChatDependencies): vscode.Disposable {
  const participant = vscode.chat.createChatParticipant(
    PARTICIPANT_ID_PREFIX + name,
    async (request, context, stream, token) => {
      // First of all: a handoff that waits for a sign of life counts seconds.
      const { packetId } = takePacketToken(request.prompt);
      if (packetId !== undefined && deps.deliveries.arrive(packetId) === "skip") {
        stream.markdown("This handoff was already answered in the chat session that was open before.");
        return {};
      }
      try {
        const { answerRequest } = await import("./answer.ts");
        return await answerRequest({ participant: name, request, context, stream, token }, deps);
      } catch (error) {
        showFailure(error, name, stream);
        return {};
      }
    },
  );
  participant.iconPath = new vscode.ThemeIcon(ICONS[name]);
  participant.followupProvider = {
    provideFollowups: async (result) => {
      const { followupsOf } = await import("./answer.ts");
      return followupsOf(result);
    },
  };
  return participant;
}

function showFailure(error: unknown, name: ParticipantName, stream: vscode.ChatResponseStream): void {
  const report = reportError(error, `The answer of @${name}`);
  if (report.kind === "cancelled") {
    return;
  }
  stream.markdown(new vscode.MarkdownString(`\n\n${report.message}`));
  if (report.kind === "bug") {
    stream.button({ title: "Open Log", command: OPEN_LOG_COMMAND });
  }
}
