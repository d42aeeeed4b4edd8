import { formatLocalMoment } from "../base/localTime.ts";
import { deepenHeadings, escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { chosenLabel } from "./checkAnswers.ts";
import { renderCriteria, renderStatus } from "./renderDocuments.ts";
import { list, paragraphs, table } from "./renderOutput.ts";
import { phaseAt, type WorkflowState } from "./workflowState.ts";

/** A document that a phase has left and that somebody has deleted since. */
export type MissingDocument = { document: string; phase: string };

/** `documents/01-problem-analysis.md` of "Problem Analysis". */
export function describeMissing({ document, phase }: MissingDocument): string {
  return `${inlineCode(document)} of "${escapeMarkdown(phase)}"`;
}

/** Everything of a workflow in one document: its state, who approved what, and the text of each phase's document. */
export function renderDossier(
  state: WorkflowState,
  texts: readonly string[],
  missing: readonly MissingDocument[] = [],
): string {
  return `${paragraphs([
    `# ${escapeMarkdown(state.definition.title)}: ${escapeMarkdown(state.task, 300)}`,
    `Workflow ${inlineCode(state.id)}, begun ${formatLocalMoment(state.startedAt)}.`,
    renderStatus(state),
    missing.length === 0
      ? ""
      : `## Missing documents\n\nThese were written and are not there any more, so this dossier lacks them.\n\n${list(missing.map(describeMissing))}`,
    renderApprovals(state),
    renderCriteria(state),
    Object.keys(state.files).length === 0
      ? ""
      : `## Files written by agents\n\n${list(Object.entries(state.files).map(([path, hash]) => `${inlineCode(path)} (${hash.slice(0, 8)})`))}`,
    // Each document begins with its own title, which becomes a chapter here.
    ...texts.filter((text) => text !== "").map((text) => deepenHeadings(text.trim())),
  ])}\n`;
}

function renderApprovals(state: WorkflowState): string {
  const rows = state.phases.flatMap(({ approval }, index) =>
    approval === undefined
      ? []
      : [
          [
            state.definition.phases[index]?.title ?? "",
            approval.by,
            formatLocalMoment(approval.at),
            chosenLabel(phaseAt(state, index)) ?? "",
            approval.isWithdrawn ? "withdrawn by a change" : "holds",
            Object.entries(approval.hashes)
              .map(([document, hash]) => `${document} ${hash.slice(0, 8)}`)
              .join(", "),
          ],
        ],
  );
  return rows.length === 0 ? "" : `## Approvals\n\n${table(["Phase", "By", "When", "Choice", "State", "For"], rows)}`;
}
