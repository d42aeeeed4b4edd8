import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { ToolNames } from "../../core/chat/agentTools.ts";
import type { WorkspaceSituation } from "../../core/chat/fittingCommands.ts";
import type { PacketStore } from "../../core/chat/handoffPacket.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { AgentStanding } from "../../core/knowledge/triggers/mergeRankings.ts";
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
  /** Instructions with facts of the workspace in place of the placeholders. */
  fillPlaceholders(instructions: string, signal: AbortSignal): Promise<string>;
  /** What of the workspace decides which commands of a participant make sense now. */
  readSituation(participant: string): Promise<WorkspaceSituation>;
  /** What the runs of the workspace are called, each name once. */
  readRunNames(): Promise<readonly string[]>;
  /** The agents by how well they fit the workspace, best first. */
  rankAgents(signal: AbortSignal): Promise<readonly AgentStanding[]>;
  /**
   * What an agent remembers of this workspace; empty when it remembers nothing.
   * Contract: says in its text what could not be read, rather than rejecting.
   */
  readMemory(agent: string): Promise<string>;
  /** Notes a call of a tool that an agent does not have, or that the person declined, where something is to be noted in. */
  noteCall(call: { agent: string; tool: string; input: object; outcome: "refused" | "declined" }): Promise<void>;
  /** Absent without a workspace folder. */
  packets(): PacketStore | undefined;
  deliveries: Deliveries;
};
