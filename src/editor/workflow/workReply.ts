import * as path from "node:path";
import { escapeMarkdown } from "../../core/base/markdown.ts";
import type { Reply, ReplyButton } from "../../core/chat/reply.ts";
import { type TaskDefinition, tasksOf } from "../../core/workflow/workflowDefinition.ts";
import type { Effect } from "../../core/workflow/workflowEffects.ts";
import { phaseAt, phaseDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { button } from "./replyButton.ts";

export function renderFailures(
  state: WorkflowState,
  { phase, tasks }: Extract<Effect, { kind: "ask-about-failures" }>,
): Reply {
  const { definition, state: current } = phaseAt(state, phase);
  const hasOthers = tasksOf(definition).some(({ id }) => current.tasks[id]?.kind === "done");
  const lines = tasks.map(({ id, title }) => {
    const task = current.tasks[id];
    return `- **${title}**: ${task?.kind === "failed" ? escapeMarkdown(task.reason, 800) : "failed"}`;
  });
  return {
    markdown: [
      `${tasks.length === 1 ? "One agent" : `${tasks.length} agents`} did not finish.${hasOthers ? " What the others did is kept." : ""}`,
      lines.join("\n"),
      `Ask again, perhaps with another model; do it by hand; ${definition.canSkip ? "skip this phase, on which no later one rests; " : ""}or go back.`,
    ].join("\n\n"),
    buttons: [
      button("Ask Again", "retryTasks", state),
      ...tasks.map(({ id, title }) =>
        button(tasks.length === 1 ? "Do It by Hand…" : `Do ${title} by Hand…`, "recordTask", state, { task: id }),
      ),
      ...skipButton(state),
      button("Go Back…", "goBackPhase", state),
    ],
  };
}

export function renderWork(state: WorkflowState, tasks: readonly TaskDefinition[], folder: string): Reply {
  const documents = state.phases
    .map((_phase, index) => phaseDocument(state, index))
    .filter((document) => state.documents[document] !== undefined);
  const { failures } = phaseAt(state, state.current).state;
  const lines = tasks.map(({ title, output }) =>
    output.kind === "checks"
      ? `- **${title}**: run ${output.sections.map((name) => name.toLowerCase()).join(", ")}, then record what came out.`
      : `- **${title}**: ${failures.length > 0 ? "mend what failed" : "write the files as approved"}, then record which files it was.`,
  );
  return {
    markdown: [
      "No language model is at work, so this is yours:",
      lines.join("\n"),
      failures.length === 0 ? "" : `Failed before: ${failures.map((failure) => escapeMarkdown(failure)).join("; ")}.`,
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      ...tasks.map(({ id, title }) => button(`Record ${title}…`, "recordTask", state, { task: id })),
      ...(tasks.some(({ output }) => output.kind === "files")
        ? [button("New Training Script…", "newTrainingScript")]
        : []),
      ...skipButton(state),
    ],
    references: documents.map((document) => ({ path: path.join(folder, document) })),
  };
}

/** Offered where the phase at work may be left out. */
function skipButton(state: WorkflowState): ReplyButton[] {
  return phaseAt(state, state.current).definition.canSkip ? [button("Skip Phase…", "skipPhase", state)] : [];
}
