import * as vscode from "vscode";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import type { HandoffFacts } from "../../core/chat/handoffPacket.ts";
import { registerCommand } from "../base/commands.ts";
import { registerOpenLog } from "../base/reportError.ts";
import { registerBuiltInModel } from "./builtInModel.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import { Deliveries } from "./deliveries.ts";
import { registerParticipants } from "./participants.ts";

export type ChatRegistration = Omit<ChatDependencies, "deliveries"> & {
  /** See `HandoffDependencies.currentFacts`. */
  currentFacts(runId: string | undefined): Promise<HandoffFacts>;
};

/** Registers everything of the chat: the agents, `Built-in (no AI)`, and the commands behind buttons and links. */
export function registerChat(registration: ChatRegistration): vscode.Disposable {
  const deliveries = new Deliveries();
  const deps = { ...registration, deliveries };
  return vscode.Disposable.from(
    deliveries,
    registerParticipants(deps),
    registerBuiltInModel(deps.loadCommands),
    registerOpenLog(),
    registerCommand("trainyard.handoff", "Handing over", async (argument) => {
      const { handOver } = await import("./handoff.ts");
      await handOver(argument, deps);
    }),
    registerCommand(ASK_AGENT_COMMAND, "Opening the chat", async (argument) => {
      const { askAgent } = await import("./agentCommands.ts");
      await askAgent(argument);
    }),
    registerCommand("trainyard.openLocalChat", "Opening a Local chat", async () => {
      const { openLocalChat } = await import("./agentCommands.ts");
      await openLocalChat();
    }),
  );
}
