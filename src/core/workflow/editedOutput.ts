import { deepenHeadings, escapeMarkdown, inlineCode } from "../base/markdown.ts";
import {
  doneTasks,
  ENGINE_NAME,
  renderSection,
  renderTaskDocument,
  SIDE_BY_SIDE,
  taskSections,
} from "./renderDocuments.ts";
import { paragraphs } from "./renderOutput.ts";
import { FILLED_IN } from "./templateOutput.ts";
import { taskDocument, type WorkflowState } from "./workflowState.ts";

const BEGIN = "_As it was changed in ";

/** An output as it reads now; `before`: as it was taken in the last time, where that is known. */
export type EditedOutput = { phase: number; task: string; output: string; before?: string };

/**
 * The document of a phase with the output of a task as it reads now, so that an approval covers one text and not two that
 * contradict each other. What the person wrote into the section itself stays: then the output stands at the end.
 */
export function takeInOutput(
  text: string,
  state: WorkflowState,
  { phase, task: id, output, before }: EditedOutput,
): string {
  const done = doneTasks(state, phase).find(({ task }) => task.id === id);
  const section = taskSections(state, phase).get(id);
  if (done === undefined || section === undefined) {
    return text;
  }
  const isAsWritten = trimLines(output) === trimLines(renderTaskDocument(done.task.title, done.done.by, done.done));
  const name = inlineCode(taskDocument(state, phase, id));
  const compared = done.done.output.kind === "approach" ? markComparison(text, done.task.title, isAsWritten) : text;
  const [begin, end] = [`${BEGIN}${name}:_`, `_End of ${name}._`];
  const blockOf = (each: string) =>
    paragraphs([begin, deepenHeadings(withoutTitle(each)).trim() || "Nothing is left in it.", end]);
  const block = blockOf(output);
  const from = compared.indexOf(begin);
  const to = compared.indexOf(end, from);
  // Where its end was deleted, what follows up to another end is not this output's.
  const next = compared.indexOf(BEGIN, from + begin.length);
  if (from >= 0 && to >= 0 && (next < 0 || next > to)) {
    const [above, held, below] = [
      compared.slice(0, from),
      compared.slice(from, to + end.length),
      compared.slice(to + end.length),
    ];
    if (held === block || (before !== undefined && held === blockOf(before))) {
      return `${above}${isAsWritten ? section.body : block}${below}`;
    }
    // The person has, or may have, written into it: that stays, as a text of theirs.
    const own = held.slice(begin.length, -end.length).trimEnd();
    const kept = `${above}${BEGIN}${name}, and then here:_${own}${below}`;
    return isAsWritten ? kept : `${paragraphs([kept.trimEnd(), renderSection({ ...section, body: block })])}\n`;
  }
  if (isAsWritten) {
    return compared;
  }
  const written = renderSection(section);
  const at = compared.indexOf(written);
  const changed = renderSection({ ...section, body: block });
  return at >= 0
    ? `${compared.slice(0, at)}${changed}${compared.slice(at + written.length)}`
    : `${paragraphs([compared.trimEnd(), changed])}\n`;
}

/** A comparison of approaches is made once, so what was changed since is named above it. */
function markComparison(text: string, title: string, isAsWritten: boolean): string {
  const marked = `${SIDE_BY_SIDE}\n\n_${escapeMarkdown(title)} was changed after this was put side by side: what it says below counts._`;
  if (isAsWritten) {
    return text.replace(marked, () => SIDE_BY_SIDE);
  }
  return text.includes(marked) ? text : text.replace(SIDE_BY_SIDE, () => marked);
}

/** Blanks at the end of a line are no change: the journal keeps texts without them. */
function trimLines(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, "").trim();
}

/** The phase says these already. */
function withoutTitle(output: string): string {
  return output
    .replace(/^# .*\n/, "")
    .replace(`_By ${ENGINE_NAME}._`, "")
    .replace(FILLED_IN, "");
}
