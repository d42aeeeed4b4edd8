import type { ReplyButton } from "../../core/chat/reply.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";

/** The buttons of replies work in the chat that shows them, and continue there. */
export type WorkflowArgument = {
  id: string;
  phase?: number;
  ticket?: string;
  choice?: string;
  task?: string;
  document?: string;
  isFromChat?: boolean;
};

export function button(
  title: string,
  command: string,
  state?: WorkflowState,
  more: Omit<WorkflowArgument, "id"> = {},
): ReplyButton {
  const argument: WorkflowArgument | undefined = state && { id: state.id, isFromChat: true, ...more };
  return { title, command: `trainyard.${command}`, ...(argument === undefined ? {} : { arguments: [argument] }) };
}
