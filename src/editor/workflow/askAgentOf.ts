import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import { describeCall } from "../../core/tools/describeCall.ts";
import { READING_TOOLS } from "../../core/tools/readingTools.ts";
import { readOtherAction } from "../../core/tools/workflow.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import type { Actor } from "../../core/workflow/workflowEvent.ts";
import type { AskAgent } from "../../node/workflow/advanceWorkflow.ts";
import { issuePass } from "./agentPasses.ts";
import { now, type OpenWorkflow, person } from "./workflowDesk.ts";

/** It decides about its writes by itself, for the agent that it is told. */
const WORKFLOW_TOOL = "trainyard_workflow";

/**
 * What a writer may start beside it. Whatever else writes, a scaffold for one, would pass by the closed places and the journal:
 * its text is written with the workflow's tool.
 */
const RUNNING_TOOLS = new Set(["trainyard_launch_training", "trainyard_run_flow", "trainyard_stop_run"]);

/**
 * The agents of a workflow as the chat's model plays them; undefined where no model is at work. What an agent may call is
 * decided by the state of the workflow at each call, and a call of anything else is answered with a refusal. `onCall` is told
 * of each.
 */
export function askAgentOf(
  { askModel }: SlashRequest,
  { store, state: { id } }: OpenWorkflow,
  onCall: () => void = () => undefined,
): AskAgent | undefined {
  const note = (by: Actor, attempt: string, reason: string) =>
    store.apply(id, { event: { kind: "refused", attempt, reason }, by, at: now() });
  return (
    askModel &&
    (async ({ agent, brief, maxTokens }, signal) => {
      const read: string[] = [];
      const { pass, end } = issuePass({ workflow: id, agent });
      const asking = askModel(
        {
          agent,
          prompt: brief,
          maxTokens,
          extraTools: [WORKFLOW_TOOL],
          fillIn: (tool, input) => (tool === WORKFLOW_TOOL ? { ...input, agent, pass } : input),
          async mayCall(tool, given) {
            const input = given ?? {};
            if (given !== undefined) {
              onCall();
            }
            if (tool === WORKFLOW_TOOL) {
              read.push(...readPath(input));
              return (!("agent" in input) || input.agent === agent) && readOtherAction(input) === undefined;
            }
            if (READING_TOOLS.includes(tool)) {
              return true;
            }
            return RUNNING_TOOLS.has(tool) && refuseWrite(await store.read(id, now()), agent) === undefined;
          },
          async onRefusedTool(tool, input) {
            const attempt = describeCall(tool, input, `agent ${agent}`);
            const reason = `${agent} may not call it in this phase, in the name of another agent, or to move the workflow. Files are written with ${WORKFLOW_TOOL}.`;
            await note({ kind: "agent", name: agent }, attempt, reason);
          },
          async onDeclinedTool(tool, input) {
            await note(person(), describeCall(tool, input, `agent ${agent}`), "The person declined it.");
          },
        },
        signal,
      ).finally(end);
      return { ...(await asking), read };
    })
  );
}

/** What a call of the workflow's tool reads; a file that is not there is refused once it is named. */
function readPath(input: object): string[] {
  const isReading = "action" in input && input.action === "read_file";
  return isReading && "path" in input && typeof input.path === "string" ? [input.path] : [];
}
