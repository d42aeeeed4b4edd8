import * as vscode from "vscode";
import { takePacketToken } from "../../core/chat/packetToken.ts";
import { PARTICIPANT_ID_PREFIX, PARTICIPANT_NAMES, type ParticipantName } from "../../core/chat/participantNames.ts";
import { remedyOf, reportError } from "../base/reportError.ts";
import type { ChatDependencies } from "./chatDependencies.ts";

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
  const remedy = remedyOf(report);
  if (remedy !== undefined) {
    stream.button(remedy);
  }
}
