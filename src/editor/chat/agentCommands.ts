import * as vscode from "vscode";
import * as z from "zod";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import { UserError } from "../../core/base/errors.ts";
import { reportAgents } from "../../core/chat/agentsReport.ts";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import { PARTICIPANT_NAMES } from "../../core/chat/participantNames.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { displayPath } from "../base/workspace.ts";
import { openChat, openLocalSession } from "./chatWindow.ts";

/** `/agents`: who there is, where each handoff leads, what is wrong in their files. */
export function agentsCommand(loadCatalog: () => Promise<AgentCatalog>): SlashCommand {
  return {
    name: "agents",
    participant: "mlops-engineer",
    description: "list agents, where their handoffs lead, and problems in their files",
    offersHandoffs: false,
    answer: async () => reportAgents(await loadCatalog(), PARTICIPANT_NAMES, displayPath),
  };
}

const askAgentSchema = z.object({
  agent: z.enum(PARTICIPANT_NAMES),
  command: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
  prompt: z.string().default(""),
  send: z.boolean().default(true),
});

/** The command `trainyard.askAgent`, behind the links of replies: a request to one of our agents, in the chat. */
export async function askAgent(argument: unknown): Promise<void> {
  const parsed = askAgentSchema.safeParse(argument);
  if (!parsed.success) {
    throw new UserError(
      `\`${ASK_AGENT_COMMAND}\` needs the name of one of the agents: ${PARTICIPANT_NAMES.join(", ")}.`,
    );
  }
  const { agent, command, prompt, send } = parsed.data;
  const words = [`@${agent}`, ...(command === undefined ? [] : [`/${command}`]), ...(prompt === "" ? [] : [prompt])];
  await openChat({ query: words.join(" "), isPartialQuery: !send });
}

/** The command `trainyard.openLocalChat`. */
export async function openLocalChat(): Promise<void> {
  if (!(await openLocalSession())) {
    void vscode.window.showInformationMessage(
      "This VS Code has only one kind of chat session. Begin a request with @ml-trainer, @metaflow-agent or @mlops-engineer.",
    );
  }
  await openChat({ query: "@", isPartialQuery: true });
}
