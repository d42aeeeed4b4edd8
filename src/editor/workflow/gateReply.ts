import * as path from "node:path";
import { escapeMarkdown, escapeSentence, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import { describeWithdrawn, nameDocument } from "../../core/workflow/approvalChanges.ts";
import { gateChoices, gateQuestion } from "../../core/workflow/checkAnswers.ts";
import { cutDocument } from "../../core/workflow/cutDocument.ts";
import type { KeptEdit } from "../../core/workflow/keptEdits.ts";
import { describeMissing } from "../../core/workflow/missingDocuments.ts";
import { narrowTables } from "../../core/workflow/narrowTables.ts";
import { failedChecks } from "../../core/workflow/phaseChecks.ts";
import { describePhase } from "../../core/workflow/phaseNames.ts";
import { canMeasureAgain } from "../../core/workflow/proofEvents.ts";
import { countUnknown } from "../../core/workflow/templateOutput.ts";
import type { Effect } from "../../core/workflow/workflowEffects.ts";
import { coveredDocuments, phaseAt, phaseDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { keptName } from "../../node/workflow/workflowDocuments.ts";
import { issueTicket, rememberShown } from "./gateTickets.ts";
import { button } from "./replyButton.ts";

/** What is gone cannot be approved: it comes back, or its phase is done again. */
export function renderMissing(state: WorkflowState, missing: readonly { document: string; phase: number }[]): Reply {
  const phase = Math.min(...missing.map((each) => each.phase));
  const isEarlier = phase < state.current;
  const cost = isEarlier ? " This also does the phases after it again." : "";
  return {
    markdown: `⚠ ${escapeSentence(describeMissing(missing, ` by doing ${describePhase(state, phase)} again`))}${cost}`,
    buttons: [
      button(`Do Phase ${phase + 1} Again`, "goBackPhase", state, { phase, ticket: issueTicket(state, phase) }),
      button("Look Again", "continueWorkflow", state),
    ],
  };
}

export function renderGate(
  state: WorkflowState,
  { phase, isAgain }: Extract<Effect, { kind: "ask-approval" }>,
  shown: {
    folder: string;
    /** Those that the approval is for, by their names. */
    texts: Readonly<Record<string, string>>;
    /** What differs from what was approved, or from what was shown before, as Markdown; empty where nothing does. */
    changes: string;
    kept: readonly KeptEdit[];
  },
): Reply {
  const at = phaseAt(state, phase);
  const choices = gateChoices(at);
  const documents = Object.entries(coveredDocuments(state, phase));
  const ticket = issueTicket(state, phase);
  rememberShown(state, phase, shown.texts);
  const approve = (title: string, choice?: string) =>
    button(title, "approvePhase", state, { phase, ticket, ...(choice === undefined ? {} : { choice }) });
  const isMarking = state.definition.criteria.length > 0 && phase === state.phases.length - 1;
  const whole = shown.texts[phaseDocument(state, phase)] ?? "";
  const text = narrowTables(whole.replace(/^# .*\n/, ""));
  const body = cutDocument(text, "_Open Document_ shows the whole.");
  const list = documents.map(
    ([document, hash]) => `- ${escapeMarkdown(nameDocument(state, document))}, ${inlineCode(hash.slice(0, 8))}`,
  );
  return {
    markdown: [
      isAgain
        ? `${escapeSentence(describeWithdrawn(state, phase))} Nothing goes on until it is approved again.\n\n${shown.changes}`
        : body,
      `**${namePhase(state, phase)} ${isAgain ? "Is this still what you want?" : gateQuestion(at)}**`,
      isAgain ? "" : describeFailed(at),
      isAgain ? "" : shown.changes,
      describeUnknown(countUnknown(whole)),
      describeKept(state, shown.kept),
      isMarking ? describeOpenCriteria(state) : "",
      `The approval is for exactly these documents:\n\n${list.join("\n")}`,
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      ...(isAgain || choices.length === 0
        ? [approve(isAgain ? `Approve Phase ${phase + 1} Again` : `Approve Phase ${phase + 1}`)]
        : choices.map(({ id, label }) => approve(label, id))),
      ...(!isAgain && canMeasureAgain(at.state) ? [button("Measure Again", "measureAgain", state)] : []),
      ...(isAgain
        ? [button("Compare…", "compareWorkflowDocument", state), button("Go Back…", "goBackPhase", state)]
        : [
            ...(shown.changes === "" ? [] : [button("Compare…", "compareWorkflowDocument", state, { phase })]),
            button("Revise…", "revisePhase", state),
          ]),
      ...(isMarking ? [button("Mark Criterion…", "markCriterion", state)] : []),
      ...shown.kept.map(({ document }) =>
        button(`Compare ${path.basename(document)} with Yours`, "compareWorkflowDocument", state, { document, phase }),
      ),
      button("Open Document", "openWorkflowDocument", state, { document: phaseDocument(state, phase) }),
      ...(documents.length > 1 ? [button("Open Another Document…", "openWorkflowDocument", state, { phase })] : []),
    ],
    references: documents.map(([document]) => ({ path: path.join(shown.folder, document) })),
  };
}

/** What is approved may be long, and then the announcement of its phase is far above the buttons. */
function namePhase({ phases, definition }: WorkflowState, phase: number): string {
  return `Phase ${phase + 1} of ${phases.length}, ${escapeMarkdown(definition.phases[phase]?.title ?? "")}.`;
}

/** What a gate that opens by itself waits for: the document with all checks may be longer than what is seen. */
function describeFailed({ definition, state }: ReturnType<typeof phaseAt>): string {
  const failed = definition.gate?.opensWhenChecksPass === true ? failedChecks(state) : [];
  return failed.map((check) => `✗ ${escapeMarkdown(check, 800)}`).join("\n\n");
}

/** Nothing that the person wrote is lost silently. */
function describeKept(state: WorkflowState, kept: readonly KeptEdit[]): string {
  return kept
    .map(
      ({ document, hash }) =>
        `⚠ ${escapeMarkdown(nameDocument(state, document))} was written anew, without what you had changed in it. Your version is kept in ${inlineCode(keptName(document, hash))}.`,
    )
    .join("\n\n");
}

/** The warning before a gate of which so many sections know nothing. */
export function describeUnknown(count: number): string {
  const sections = count === 1 ? "One section still says" : `${count} sections still say`;
  return count === 0 ? "" : `⚠ ${sections} that nothing is known yet. Write down what holds, or approve it as it is.`;
}

/** The criteria that somebody has to look at, and nobody has. */
function describeOpenCriteria({ definition: { criteria }, marks }: WorkflowState): string {
  const open = criteria.filter(({ id, isMeasuredInProduction }) => !isMeasuredInProduction && marks[id] === undefined);
  return open.length === 0
    ? ""
    : `⚠ ${open.length} of ${criteria.length} success criteria are not looked at yet. Mark how they stand, now or later.`;
}
