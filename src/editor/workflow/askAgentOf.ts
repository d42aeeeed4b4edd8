import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import { READING_TOOLS } from "../../core/tools/readingTools.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import type { AskAgent } from "../../node/workflow/advanceWorkflow.ts";
import { now, type OpenWorkflow } from "./workflowDesk.ts";

/** It decides about its writes by itself, for the agent that it is told. */
const WORKFLOW_TOOL = "trainyard_workflow";

/**
 * The agents of a workflow as the chat's model plays them; undefined where no model is at work. What an agent may call is
 * decided by the state of the workflow at each call, and a call of anything else is answered with a refusal.
 */
export function askAgentOf({ askModel }: SlashRequest, { store, state: { id } }: OpenWorkflow): AskAgent | undefined {
  return (
    askModel &&
    (async ({ agent, brief, maxTokens }, signal) => {
      const read: string[] = [];
      const note = async (tool: string) => {
        const reason = `${agent} may not call ${tool} in this phase, or not in the name of another agent.`;
        const event = { kind: "refused" as const, attempt: `call ${tool} by agent ${agent}`, reason };
        await store.apply(id, { event, by: { kind: "agent", name: agent }, at: now() });
      };
      const answer = await askModel(
        {
          agent,
          prompt: brief,
          maxTokens,
          extraTools: [WORKFLOW_TOOL],
          async mayCall(tool, input = {}) {
            if (tool === WORKFLOW_TOOL) {
              read.push(...readPath(input));
              return !("agent" in input) || input.agent === agent;
            }
            if (READING_TOOLS.includes(tool)) {
              return true;
            }
            return refuseWrite(await store.read(id, now()), agent) === undefined;
          },
          onRefusedTool: note,
        },
        signal,
      );
      return { ...answer, read };
    })
  );
}

/** What a call of the workflow's tool reads; a file that is not there is refused once it is named. */
function readPath(input: object): string[] {
  const isReading = "action" in input && input.action === "read_file";
  return isReading && "path" in input && typeof input.path === "string" ? [input.path] : [];
}
