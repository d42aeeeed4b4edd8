import { findPlaceholders } from "./placeholders.ts";
import { tasksOf } from "./workflowDefinition.ts";
import { phaseAt, type WorkflowState } from "./workflowState.ts";

/** A file that stands whole in a document. */
export type FileInDocument = { path: string; text: string };

/** A fence with what is in it, below a line that is nothing but a path in backticks, as a heading or in bold too. */
const FILE = /^(?:#+ |\*\*)?`([^`\n]+)`(?:\*\*)?:?[ \t]*\n\s*^(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^\2[ \t]*$/gm;

/** Names and folders as files have them: no drive, no step upwards, no repository within, which any folder is that has a HEAD. */
const SAFE_PATH = /^(?!.*(?:^|\/)(?:(?:\.{1,2}|\.git)(?:\/|$)|head$))[\w.][\w.@+-]*(?:\/[\w.@+-]+)*$/i;

/** The files that a document contains, each with its path; of several with one path the last. */
export function filesInDocument(markdown: string): FileInDocument[] {
  const files = new Map<string, string>();
  for (const [, path = "", , text = ""] of markdown.matchAll(FILE)) {
    if (SAFE_PATH.test(path)) {
      files.set(path, text);
    }
  }
  return [...files].map(([path, text]) => ({ path, text }));
}

/** The paths of the files that agents have left in what the deliverables of a workflow are composed of. */
export function deliveredPaths(state: WorkflowState): string[] {
  const sources = state.definition.deliverables.flatMap(({ from }) => from).flatMap(findPlaceholders);
  const texts = sources.flatMap(({ phase, agent }) => {
    const { definition, state: reached } = phaseAt(state, phase - 1);
    return tasksOf(definition).flatMap((task) => {
      const done = task.agent === agent ? reached.tasks[task.id] : undefined;
      return done?.kind === "done" && done.output.kind === "notes" ? done.output.sections.map(({ text }) => text) : [];
    });
  });
  return [...new Set(texts.flatMap(filesInDocument).map(({ path }) => path))];
}
