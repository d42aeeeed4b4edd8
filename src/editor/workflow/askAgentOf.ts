import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import type { AskAgent } from "../../node/workflow/advanceWorkflow.ts";

/** The agents of a workflow as the chat's model plays them; undefined where no model is at work. */
export function askAgentOf({ askModel }: SlashRequest): AskAgent | undefined {
  return askModel && (({ agent, brief }, signal) => askModel({ agent, prompt: brief }, signal));
}
