import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import { READING_TOOLS } from "../../core/tools/readingTools.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import type { AskAgent } from "../../node/workflow/advanceWorkflow.ts";
import { now, type OpenWorkflow } from "./workflowDesk.ts";

/**
 * The agents of a workflow as the chat's model plays them; undefined where no model is at work. What an agent may call is
 * decided by the state of the workflow when it is asked, and a call of anything else is answered with a refusal.
 */
export function askAgentOf({ askModel }: SlashRequest, { store, state: { id } }: OpenWorkflow): AskAgent | undefined {
  return (
    askModel &&
    (async ({ agent, brief, maxTokens }, signal) => {
      const state = await store.read(id, now());
      const mayWrite = refuseWrite(state, agent) === undefined;
      const note = async (tool: string) => {
        const reason = `${agent} may not call ${tool} in this phase.`;
        const event = { kind: "refused" as const, attempt: `call ${tool} by agent ${agent}`, reason };
        await store.apply(id, { event, by: { kind: "agent", name: agent }, at: now() });
      };
      return askModel(
        {
          agent,
          prompt: brief,
          maxTokens,
          extraTools: ["trainyard_workflow"],
          mayCall: (tool) => mayWrite || READING_TOOLS.includes(tool),
          onRefusedTool: note,
        },
        signal,
      );
    })
  );
}
