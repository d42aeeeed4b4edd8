import * as path from "node:path";
import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { ToolNames } from "../../core/chat/agentTools.ts";
import type { HandoffFacts } from "../../core/chat/handoffPacket.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { Deliveries } from "./deliveries.ts";
import type { HandoffDependencies } from "./handoff.ts";
import type { ChatDependencies } from "./participants.ts";

/** What the other slices give to the chat. */
export type ChatSources = {
  /** The folder of the extension, which holds the shipped agents. */
  extensionFolder: string;
  toolNames: readonly ToolNames[];
  loadCommands(): Promise<readonly SlashCommand[]>;
  readFacts(signal: AbortSignal): Promise<string>;
  currentFacts(runId: string | undefined): Promise<HandoffFacts>;
  trustedCommands: readonly string[];
};

/** Joins what the slices give into what participants and handoffs need; nothing is read before the first request. */
export function createChatDependencies(sources: ChatSources): ChatDependencies & HandoffDependencies {
  const loadCatalog = () => readCatalog(sources.extensionFolder);
  return {
    loadCatalog,
    async loadCommands() {
      const { agentsCommand } = await import("./agentCommands.ts");
      return [...(await sources.loadCommands()), agentsCommand(loadCatalog)];
    },
    loadToolNames: () => Promise.resolve(sources.toolNames),
    readFacts: sources.readFacts,
    currentFacts: sources.currentFacts,
    packets: openPacketStore,
    deliveries: new Deliveries(),
    trustedCommands: sources.trustedCommands,
  };
}

async function readCatalog(extensionFolder: string): Promise<AgentCatalog> {
  const { collectAgents } = await import("../../core/agents/agentCatalog.ts");
  const { readAgents, workspaceAgentFolders } = await import("../../node/agents/readAgents.ts");
  const workspaceFolders = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) =>
    workspaceAgentFolders(uri.fsPath),
  );
  const { files } = await readAgents([
    { path: path.join(extensionFolder, "agents"), origin: "shipped" },
    ...workspaceFolders,
  ]);
  return collectAgents(files, { isWorkspaceTrusted: vscode.workspace.isTrusted });
}

/** Packets lie beside the code they speak of, in the first folder of the workspace. */
function openPacketStore(): ReturnType<ChatDependencies["packets"]> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    return undefined;
  }
  const store = import("../../node/chat/packetStore.ts").then(({ createPacketStore }) =>
    createPacketStore(path.join(folder.uri.fsPath, ".trainyard", "handoffs")),
  );
  return {
    write: async (content, facts) => (await store).write(content, facts),
    read: async (id) => (await store).read(id),
  };
}
